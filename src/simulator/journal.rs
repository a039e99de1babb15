//! The journal that lets a world survive a restart.
//!
//! A world is a pure function of its seed and region and of what was done in it at which time. So the file holds a header
//! line (`Header`) and one line for each deed, reads too: they draw request ids, and count against what the weather orders.
//! A world is had back by doing it all again. Of a request only what tells the outcome is written, no credentials.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::refusal::Refusal;
use super::weather::{self, Climate, Order};
use super::wire::{self, Fate, Request};
use super::world::World;
use super::{autoscaling, ec2, outage};

const FORMAT: u32 = 1;
/// What of a request's headers tells the outcome; of `authorization` only the service in its scope.
const HEADERS: [&str; 2] = ["x-amz-target", "content-type"];

/// Something that is done in the world from outside.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    Call(Kept),
    /// A call that is longer than any may be; its body is not kept.
    Overlong(Kept),
    Climate(Climate),
    Order(Order),
    Outage(Outage),
    Load(Load),
    Monitoring(ec2::Monitoring),
}

/// What a service's metric shows from now on; null for no data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Load {
    pub cluster: String,
    pub service: String,
    pub metric: String,
    pub value: Option<f64>,
}

/// A zone that goes down for a while.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outage {
    pub zone: String,
    pub down_seconds: f64,
}

/// A request without its signature.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    method: String,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    /// Text if it is; else bytes.
    body: Body,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Body {
    Text(String),
    Bytes(Vec<u8>),
}

impl Default for Body {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

impl Kept {
    pub fn of(request: &Request) -> Self {
        let there = |name: &str| Some((name.to_owned(), request.header(name)?.to_owned()));
        let mut headers: Vec<_> = HEADERS.iter().filter_map(|name| there(name)).collect();
        if let Some(service) = wire::scope(request) {
            headers.push(("authorization".into(), format!("Credential=///{service}/aws4_request")));
        }
        let signs = |field: &&str| {
            let name = form_urlencoded::parse(field.as_bytes()).next().map(|(name, _)| name.to_ascii_lowercase());
            name.is_some_and(|name| name.starts_with("x-amz-"))
        };
        let body = String::from_utf8(request.body.clone());
        Self {
            method: request.method.clone(),
            path: request.path.clone(),
            query: request.query.split('&').filter(|field| !signs(field)).collect::<Vec<_>>().join("&"),
            headers,
            body: body.map_or_else(|error| Body::Bytes(error.into_bytes()), Body::Text),
        }
    }

    fn request(&self) -> Request {
        let body = match &self.body {
            Body::Text(text) => text.clone().into_bytes(),
            Body::Bytes(bytes) => bytes.clone(),
        };
        let (method, path, query) = (self.method.clone(), self.path.clone(), self.query.clone());
        Request { method, path, query, headers: self.headers.clone(), body }
    }
}

impl Deed {
    /// Does it; a call has a fate.
    ///
    /// # Errors
    /// Why it can't be done.
    pub fn carry_out(&self, world: &mut World) -> Result<Option<Fate>, String> {
        match self {
            Self::Call(kept) => Ok(Some(wire::visit(world, &kept.request()))),
            Self::Overlong(kept) => {
                let refusal = Refusal::new("RequestEntityTooLarge", "The request is longer than any that AWS takes");
                let reply = wire::refuse(world, &kept.request(), refusal.with_status(413));
                Ok(Some(Fate { delay: Duration::ZERO, reply: Some(reply) }))
            }
            Self::Climate(climate) => weather::climate(world, climate.clone()).map(|()| None),
            Self::Order(order) => weather::order(world, order.clone()).map(|()| None),
            Self::Outage(Outage { zone, down_seconds }) => match outage::zone_down(world, zone, *down_seconds) {
                true => Ok(None),
                false => Err(format!("{} has no zone {zone}", world.region)),
            },
            Self::Monitoring(monitoring) => {
                ec2::monitor(world, monitoring);
                Ok(None)
            }
            Self::Load(Load { cluster, service, metric, value }) => {
                autoscaling::set_load(world, cluster, service, metric, *value).map(|()| None)
            }
        }
    }
}

/// What a journal's world was begun with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Header {
    format: u32,
    version: String,
    seed: u64,
    region: String,
}

#[derive(Serialize, Deserialize)]
struct Line {
    /// Nanoseconds of the world's time.
    at: u64,
    deed: Deed,
}

/// A journal that is being written.
#[derive(Debug)]
pub struct Journal {
    file: File,
    /// Up to the end of the last whole line.
    length: u64,
}

/// A journal opened, and the world that it tells of.
#[derive(Debug)]
pub struct Told {
    pub journal: Journal,
    pub world: World,
    /// How many deeds were done again.
    pub deeds: usize,
    /// The last line was torn, by a crash, and has been dropped.
    pub torn: bool,
}

impl Journal {
    /// Begins a journal, or goes on with one: then its world is had back, at the time of its last deed.
    ///
    /// # Errors
    /// The file can't be read and written, is none of ours, or is that of another world or another version.
    pub fn open(path: &Path, seed: u64, region: &str) -> io::Result<Told> {
        let wrong =
            |why: String| io::Error::new(io::ErrorKind::InvalidData, format!("state file {}: {why}", path.display()));
        let mut file =
            open(path).map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))?;
        let mine = Header { format: FORMAT, version: env!("CARGO_PKG_VERSION").into(), seed, region: region.into() };
        let mut world = World::new(seed, region);
        let (mut length, mut deeds) = (0, 0);
        let mut lines = BufReader::new(&file);
        let torn = loop {
            let mut line = Vec::new();
            let read = lines.read_until(b'\n', &mut line)?;
            if line.last() != Some(&b'\n') {
                break read > 0;
            }
            if length == 0 {
                let theirs = serde_json::from_slice::<Header>(&line);
                same(&theirs.map_err(|error| wrong(format!("it is no journal of this simulator: {error}")))?, &mine)
                    .map_err(wrong)?;
            } else {
                let told = serde_json::from_slice::<Line>(&line);
                let Line { at, deed } = told.map_err(|error| wrong(format!("line {}: {error}", deeds + 2)))?;
                world.advance(Duration::from_nanos(at));
                // What was refused then is refused again.
                let _ = deed.carry_out(&mut world);
                deeds += 1;
            }
            length += read as u64;
        };
        // Something that isn't ours, and has no line, is not to be overwritten.
        if torn && length == 0 {
            return Err(wrong("it is no journal of this simulator".into()));
        }
        file.set_len(length)?;
        file.seek(SeekFrom::End(0))?;
        let mut journal = Self { file, length };
        if length == 0 {
            journal.append(&serde_json::to_string(&mine)?).map_err(wrong)?;
        }
        Ok(Told { journal, world, deeds, torn })
    }

    /// Writes down that something is done now.
    ///
    /// # Errors
    /// It can't be written; the journal is as before.
    pub fn write(&mut self, now: Duration, deed: &Deed) -> Result<(), String> {
        let line = Line { at: u64::try_from(now.as_nanos()).unwrap_or(u64::MAX), deed: deed.clone() };
        self.append(&serde_json::to_string(&line).map_err(|error| error.to_string())?)
    }

    fn append(&mut self, line: &str) -> Result<(), String> {
        let whole = format!("{line}\n");
        let written = self.file.write_all(whole.as_bytes()).and_then(|()| self.file.flush());
        if let Err(error) = written {
            // Half a line must not stand before the next.
            let _ = self.file.set_len(self.length).and_then(|()| self.file.seek(SeekFrom::End(0)));
            return Err(format!("the simulator's state file can't be written: {error}"));
        }
        self.length += whole.len() as u64;
        Ok(())
    }
}

/// For its owner only: what is sent to AWS may be secret.
fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn same(theirs: &Header, mine: &Header) -> Result<(), String> {
    let text = |header: &Header| {
        let Header { format, version, seed, region } = header;
        format!("version {version} (format {format}), seed {seed}, region {region}")
    };
    let differ = || format!("it is of {}; this is {}. Take another file, or remove it", text(theirs), text(mine));
    if theirs == mine { Ok(()) } else { Err(differ()) }
}

#[cfg(test)]
mod tests;
