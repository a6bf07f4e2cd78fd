// What the programs share. Each is given how many threads it shall start and how much each of them shall do, prints one
// line that does not depend on timing, and gives the exit code.
#ifndef PROGRAMS_H
#define PROGRAMS_H

#include <cstdint>

#ifdef WRONG
inline constexpr unsigned wrong = 1;
#else
inline constexpr unsigned wrong = 0;
#endif

inline constexpr unsigned MOST_THREADS = 16;

// The first `steps` of a linear congruential generator: cheap to check elsewhere, and no compiler foresees it.
inline uint32_t mix(uint32_t seed, unsigned steps) {
    for (unsigned i = 0; i < steps; i++) seed = seed * 1664525u + 1013904223u;
    return seed;
}

using Program = int(unsigned threads, unsigned steps);

Program join, mutex, condition, barrier, once, keys;        // pthreads.cpp
Program locals, std_thread, std_async, exceptions, leave;   // language.cpp
Program aborted, uncaught, trapped;                         // language.cpp, too
Program exhausted, growth, where, blocked, returning;       // launch.cpp

#endif
