/* What every job needs: the words that make a C function an export of the module.
 *
 * Pointers are addresses in linear memory, lengths are in bytes unless said. modules/README.md says what each job does.
 */
#ifndef EXPORT_H
#define EXPORT_H

#ifdef __cplusplus
#define EXPORT(name) extern "C" __attribute__((export_name(#name)))
#else
#define EXPORT(name) __attribute__((export_name(#name)))
#endif

#endif
