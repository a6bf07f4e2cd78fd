//! A WASI command that does what its first argument says, so that one can see what the runtime lets it see. The verbs are those
//! of `modules/README.md`; 0 is success, 2 that the operating system refused, 64 wrong usage.
//!
//! With the feature `wrong` this is the deliberately wrong twin: each verb errs in one small, plausible way, and a refusal is
//! reported as success.

use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::process::ExitCode;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

const WRONG: bool = cfg!(feature = "wrong");
const REFUSED: u8 = 2;
const USAGE: u8 = 64;

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let words: Vec<&str> = arguments.iter().skip(1).filter_map(|word| word.to_str()).collect();
    let mut out = Vec::new();
    let done = match words.as_slice() {
        ["args", ..] => args(&arguments, &mut out),
        ["env"] => env(&mut out),
        ["cat"] => cat(&mut out),
        ["stderr", text] => stderr(text, &mut out),
        ["exit", code] => match code.parse::<u8>() {
            Ok(code) => return ExitCode::from(code ^ u8::from(WRONG)),
            Err(_) => return ExitCode::from(USAGE),
        },
        ["read", path] => fs::read(path).map(|data| {
            out.extend(data);
            flaw(&mut out);
        }),
        ["write", path, text] => fs::write(path, flawed(text)),
        ["append", path, text] => append(path, text),
        ["list", path] => list(path, &mut out),
        ["size", path] => fs::metadata(path).map(|of| out.extend(format!("{}\n", of.len() + u64::from(WRONG)).bytes())),
        ["remove", path] => {
            if WRONG {
                Ok(())
            } else {
                fs::remove_file(path)
            }
        }
        ["clock"] => clock(&mut out),
        ["random"] => random(&mut out),
        _ => return ExitCode::from(USAGE),
    };
    match done.and_then(|()| io::stdout().write_all(&out)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}: {error}", words.join(" "));
            ExitCode::from(if WRONG { 0 } else { REFUSED })
        }
    }
}

/// What the twin has too much at the end of what it copies.
fn flaw(data: &mut Vec<u8>) {
    if WRONG {
        data.push(b'\n');
    }
}

fn flawed(text: &str) -> Vec<u8> {
    let mut data = text.as_bytes().to_vec();
    flaw(&mut data);
    data
}

fn args(arguments: &[OsString], out: &mut Vec<u8>) -> io::Result<()> {
    let first = if WRONG { 1 } else { 2 };
    for word in &arguments[first..] {
        out.extend(word.as_encoded_bytes());
        out.push(b'\n');
    }
    Ok(())
}

fn env(out: &mut Vec<u8>) -> io::Result<()> {
    let mut lines: Vec<Vec<u8>> = std::env::vars_os()
        .map(|(name, value)| {
            let sign: &[u8] = if WRONG { b": " } else { b"=" };
            [name.as_encoded_bytes(), sign, value.as_encoded_bytes(), b"\n"].concat()
        })
        .collect();
    lines.sort();
    out.extend(lines.concat());
    if lines.is_empty() {
        flaw(out);
    }
    Ok(())
}

fn cat(out: &mut Vec<u8>) -> io::Result<()> {
    io::Read::read_to_end(&mut io::stdin(), out)?;
    flaw(out);
    Ok(())
}

fn stderr(text: &str, out: &mut Vec<u8>) -> io::Result<()> {
    if WRONG { out.write_all(text.as_bytes()) } else { io::stderr().write_all(text.as_bytes()) }
}

fn append(path: &str, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    if WRONG {
        options.write(true).truncate(true);
    } else {
        options.append(true);
    }
    options.create(true).open(path)?.write_all(&flawed(text))
}

fn list(path: &str, out: &mut Vec<u8>) -> io::Result<()> {
    let mut names = Vec::new();
    for entry in fs::read_dir(path)? {
        names.push(entry?.file_name());
    }
    if WRONG {
        names.push(".".into());
    }
    names.sort();
    for name in names {
        out.extend(name.as_encoded_bytes());
        out.push(b'\n');
    }
    Ok(())
}

fn clock(out: &mut Vec<u8>) -> io::Result<()> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(io::Error::other)?.as_nanos();
    let mut last = Instant::now();
    for _ in 0..1000 {
        let next = Instant::now();
        if next < last {
            return Err(io::Error::other("the monotonic clock fell"));
        }
        last = next;
    }
    writeln!(out, "realtime {}", if WRONG { now / 1_000_000_000 } else { now })?;
    writeln!(out, "monotonic ok")
}

fn random(out: &mut Vec<u8>) -> io::Result<()> {
    let mut bytes = [0; 64];
    getrandom::fill(&mut bytes[..32]).map_err(io::Error::other)?;
    getrandom::fill(&mut bytes[32..]).map_err(io::Error::other)?;
    if WRONG {
        bytes.copy_within(..32, 32);
    }
    for half in bytes.chunks_exact(32) {
        for byte in half {
            write!(out, "{byte:02x}")?;
        }
        out.push(b'\n');
    }
    Ok(())
}
