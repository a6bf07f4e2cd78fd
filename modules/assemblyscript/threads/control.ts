// Where in the control block what stands. All i32 but TOTAL, an i64.

export const WORKERS: usize = 4;
export const ITERATIONS: usize = 8;
export const DATA: usize = 12;
export const LENGTH: usize = 16;
export const COUNTER: usize = 20;
export const LOCK: usize = 24;
export const ARRIVED: usize = 28;
export const GENERATION: usize = 32;
export const ERRORS: usize = 36;
export const TOTAL: usize = 40;
export const SLOTS: usize = 64;
