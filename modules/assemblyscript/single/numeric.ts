export function i64_add(a: i64, b: i64): i64 {
  return a + b;
}

export function i64_sub(a: i64, b: i64): i64 {
  return a - b;
}

export function i64_mul(a: i64, b: i64): i64 {
  return a * b;
}

export function i64_div_s(a: i64, b: i64): i64 {
  return a / b;
}

export function i64_xor(a: i64, b: i64): i64 {
  return a ^ b;
}

export function i64_rotl(a: i64, b: i64): i64 {
  return rotl<i64>(a, b);
}

export function i64_clz(a: i64): i64 {
  return clz<i64>(a);
}

export function i64_ctz(a: i64): i64 {
  return ctz<i64>(a);
}

export function i64_popcnt(a: i64): i64 {
  return popcnt<i64>(a);
}

export function f64_floor(x: f64): f64 {
  return floor<f64>(x);
}

export function f64_ceil(x: f64): f64 {
  return ceil<f64>(x);
}

export function f64_trunc(x: f64): f64 {
  return trunc<f64>(x);
}

export function f64_nearest(x: f64): f64 {
  return nearest<f64>(x);
}

export function f64_sqrt(x: f64): f64 {
  return sqrt<f64>(x);
}

export function f64_abs(x: f64): f64 {
  return abs<f64>(x);
}

export function f64_copysign(x: f64, sign: f64): f64 {
  return copysign<f64>(x, sign);
}

export function f64_from_i64(a: i64): f64 {
  return <f64>a;
}

export function f32_from_f64(x: f64): f32 {
  return <f32>x;
}

/** The conversion saturates because the feature nontrapping-f2i is on, as it is unless disabled. */
export function i64_trunc_sat_f64(x: f64): i64 {
  return <i64>x;
}

export function f64_bits(x: f64): i64 {
  return reinterpret<i64>(x);
}

export function f64_from_bits(a: i64): f64 {
  return reinterpret<f64>(a);
}

export function f32_bits(x: f32): i32 {
  return reinterpret<i32>(x);
}

export function f32_from_bits(a: i32): f32 {
  return reinterpret<f32>(a);
}
