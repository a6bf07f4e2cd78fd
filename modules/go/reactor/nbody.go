package main

import "math"

// Go may fuse x*y + z across operations, but never on wasm, which has no instruction for it; rounding is
// therefore as written, operation by operation, as modules/README.md asks.

const (
	daysPerYear = 365.24
	timeStep    = 0.01
)

type body struct{ x, y, z, vx, vy, vz, mass float64 }

type system [5]body

// newSystem gives the sun, Jupiter, Saturn, Uranus and Neptune as the Computer Language Benchmarks Game has them,
// with the sun's velocity set so that the whole has no momentum.
//
// The factors are variables: constants would be multiplied exactly and rounded once.
func newSystem() *system {
	pi, days := math.Pi, daysPerYear
	solar := 4 * pi * pi
	s := &system{
		{mass: solar},
		{
			4.84143144246472090e+00, -1.16032004402742839e+00, -1.03622044471123109e-01,
			1.66007664274403694e-03 * days, 7.69901118419740425e-03 * days, -6.90460016972063023e-05 * days,
			9.54791938424326609e-04 * solar,
		},
		{
			8.34336671824457987e+00, 4.12479856412430479e+00, -4.03523417114321381e-01,
			-2.76742510726862411e-03 * days, 4.99852801234917238e-03 * days, 2.30417297573763929e-05 * days,
			2.85885980666130812e-04 * solar,
		},
		{
			1.28943695621391310e+01, -1.51111514016986312e+01, -2.23307578892655734e-01,
			2.96460137564761618e-03 * days, 2.37847173959480950e-03 * days, -2.96589568540237556e-05 * days,
			4.36624404335156298e-05 * solar,
		},
		{
			1.53796971148509165e+01, -2.59193146099879641e+01, 1.79258772950371181e-01,
			2.68067772490389322e-03 * days, 1.62824170038242295e-03 * days, -9.51592254519715870e-05 * days,
			5.15138902046611451e-05 * solar,
		},
	}
	var px, py, pz float64
	for i := range s {
		b := &s[i]
		px += b.vx * b.mass
		py += b.vy * b.mass
		pz += b.vz * b.mass
	}
	s[0].vx, s[0].vy, s[0].vz = -px/solar, -py/solar, -pz/solar
	return s
}

func (s *system) advance(dt float64) {
	for i := range s {
		a := &s[i]
		for j := i + 1; j < len(s); j++ {
			b := &s[j]
			dx, dy, dz := a.x-b.x, a.y-b.y, a.z-b.z
			d2 := dx*dx + dy*dy + dz*dz
			mag := dt / (d2 * math.Sqrt(d2))
			a.vx -= dx * b.mass * mag
			a.vy -= dy * b.mass * mag
			a.vz -= dz * b.mass * mag
			b.vx += dx * a.mass * mag
			b.vy += dy * a.mass * mag
			b.vz += dz * a.mass * mag
		}
	}
	for i := range s {
		b := &s[i]
		b.x += dt * b.vx
		b.y += dt * b.vy
		b.z += dt * b.vz
	}
}

func (s *system) energy() float64 {
	var e float64
	for i := range s {
		a := &s[i]
		e += 0.5 * a.mass * (a.vx*a.vx + a.vy*a.vy + a.vz*a.vz)
		for j := i + 1; j < len(s); j++ {
			b := &s[j]
			dx, dy, dz := a.x-b.x, a.y-b.y, a.z-b.z
			e -= (a.mass * b.mass) / math.Sqrt(dx*dx+dy*dy+dz*dz)
		}
	}
	return e
}

// nbody advances the solar system by steps and writes each body's position and velocity, then the energy.
//
//go:wasmexport nbody
func nbody(steps uint32, out *[31]float64) {
	s := newSystem()
	for range steps {
		s.advance(timeStep)
	}
	for i, b := range s {
		copy(out[6*i:], []float64{b.x, b.y, b.z, b.vx, b.vy, b.vz})
	}
	out[30] = s.energy()
}
