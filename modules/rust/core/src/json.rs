//! A JSON document read as a stream by `serde_json`: counted and summed while it goes by, never held as a tree.

use serde::Deserializer as _;
use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use std::fmt;

use crate::{WRONG, bytes, values};

/// Deeper documents are refused (RFC 8259, section 9, allows a limit): each level takes stack.
const DEEPEST: u32 = 1000;

#[derive(Default)]
struct Stats {
    objects: u32,
    arrays: u32,
    strings: u32,
    numbers: u32,
    trues: u32,
    falses: u32,
    nulls: u32,
    deepest: u32,
    points: u64,
    integers: i64,
    floats: f64,
}

impl Stats {
    /// The 56 bytes of `json_stats`.
    fn to_bytes(&self) -> [u8; 56] {
        let counts = [
            self.objects,
            self.arrays,
            self.strings,
            self.numbers,
            self.trues,
            self.falses,
            self.nulls,
            self.deepest + u32::from(WRONG),
        ];
        let mut out = [0; 56];
        for (place, count) in out.chunks_exact_mut(4).zip(counts) {
            place.copy_from_slice(&count.to_le_bytes());
        }
        out[32..40].copy_from_slice(&self.points.to_le_bytes());
        out[40..48].copy_from_slice(&self.integers.to_le_bytes());
        out[48..].copy_from_slice(&self.floats.to_le_bytes());
        out
    }

    fn text(&mut self, text: &str) {
        self.points += text.chars().count() as u64;
    }
}

/// A value inside `depth` arrays and objects.
struct Value<'a> {
    stats: &'a mut Stats,
    depth: u32,
}

impl Value<'_> {
    /// One level further in.
    fn enter<E: Error>(&mut self) -> Result<(), E> {
        self.depth += 1;
        self.stats.deepest = self.stats.deepest.max(self.depth);
        if self.depth > DEEPEST { Err(E::custom("nested too deep")) } else { Ok(()) }
    }

    fn inner(&mut self) -> Value<'_> {
        Value { stats: self.stats, depth: self.depth }
    }
}

/// An object's key.
struct Key<'a>(&'a mut Stats);

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("a key")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.0.text(text);
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Value<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.stats.nulls += 1;
        Ok(())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        *if value { &mut self.stats.trues } else { &mut self.stats.falses } += 1;
        Ok(())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.stats.numbers += 1;
        self.stats.integers = self.stats.integers.wrapping_add(value);
        Ok(())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.visit_i64(value as i64)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.stats.numbers += 1;
        self.stats.floats += value;
        Ok(())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.stats.strings += 1;
        self.stats.text(text);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        self.stats.arrays += 1;
        self.enter()?;
        while items.next_element_seed(self.inner())?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<(), A::Error> {
        self.stats.objects += 1;
        self.enter()?;
        while members.next_key_seed(Key(self.stats))?.is_some() {
            members.next_value_seed(self.inner())?;
        }
        Ok(())
    }
}

fn read(document: &[u8], stats: &mut Stats) -> serde_json::Result<()> {
    let mut deserializer = serde_json::Deserializer::from_slice(document);
    deserializer.disable_recursion_limit(); // ours is `DEEPEST`
    deserializer.deserialize_any(Value { stats, depth: 0 })?;
    deserializer.end()
}

/// Counts and sums of the document to `out` (56 bytes): 0, or 1 for a document that is not JSON.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn json_stats(ptr: *const u8, len: usize, out: *mut u8) -> i32 {
    let mut stats = Stats::default();
    match read(unsafe { bytes(ptr, len) }, &mut stats) {
        Ok(()) => {
            unsafe { values(out, 56) }.copy_from_slice(&stats.to_bytes());
            0
        }
        Err(_) => i32::from(!WRONG),
    }
}
