package main

const end = -1

const rowLength = 8 // values in a row of once's table

// mix gives another number for each, 0 for 0 (Knuth's multiplicative hash).
func mix(value int32) int32 { return int32(uint32(value) * 0x9E3779B1) }

// shuffle takes steps of George Marsaglia's xorshift32 from seed.
func shuffle(seed, steps int32) int32 {
	x := uint32(seed)
	for range steps {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
	}
	return int32(x)
}

// produce sends producer tid's values in order, then the end. How many values.
func produce(c control, tid int32, put func(int32)) int32 {
	iterations := c.iterations()
	for i := range iterations {
		put(tid*iterations + i)
	}
	put(end)
	return iterations
}

// consume receives up to one end: there are as many as producers. Of each producer's values none may come before an older one.
func consume(c control, take func() int32) int32 {
	var count, check int32
	var sum int64
	iterations := c.iterations()
	newest := [8]int32{-1, -1, -1, -1, -1, -1, -1, -1}
	for value := take(); value != end; value = take() {
		count++
		sum += int64(value)
		check ^= mix(value)
		if producer := value / iterations; value < 0 || int(producer) >= len(newest) || newest[producer] >= value {
			c.errors().Add(1)
		} else {
			newest[producer] = value
		}
	}
	c.counter().Add(count)
	atomicAdd64(c.total(), sum)
	c.check().Xor(check)
	return 0
}
