//! What size a task may be, and what it runs on.

use super::number;
use crate::protocol::diagnostic::Diagnostic;
use crate::protocol::path::Path;
use crate::protocol::value::Value;
use crate::provider::rules::{Rule, invalid};
use crate::provider::web_service::model::{Architecture, Settings};

/// CPU of a task, and what memory goes with it: from, to, in steps of (MiB; ECS developer guide, task size).
const SIZES: &[(u32, u32, u32, u32)] = &[
    (256, 512, 2048, 512),
    (512, 1024, 4096, 1024),
    (1024, 2048, 8192, 1024),
    (2048, 4096, 16384, 1024),
    (4096, 8192, 30720, 1024),
    (8192, 16384, 61440, 4096),
    (16384, 32768, 122_880, 8192),
];

#[rustfmt::skip]
pub const RULES: &[(&str, Rule)] = &[
    ("cpu", Rule::OneOf(&[256, 512, 1024, 2048, 4096, 8192, 16384])),
    ("memory", Rule::Whole(512..=122_880)),
    ("architecture", Rule::Words(Architecture::WORDS)),
    ("ephemeral_storage", Rule::Whole(21..=200)),
];

/// What needs several good attributes.
pub fn cross(config: &Value) -> Vec<Diagnostic> {
    size(config).into_iter().collect()
}

fn size(config: &Value) -> Option<Diagnostic> {
    let unknown = |path: &str| config.at(&Path::from(path)).is_some_and(Value::is_unknown);
    if unknown("cpu") || unknown("memory") {
        return None;
    }
    let settings = Settings::named("");
    let (cpu, memory) = (number(config, "cpu"), number(config, "memory"));
    let at = if memory.is_some() { "memory" } else { "cpu" };
    let (cpu, memory) = (cpu.unwrap_or(settings.cpu), memory.unwrap_or(settings.memory));
    let (_, from, to, step) = SIZES.iter().find(|(size, ..)| *size == cpu)?;
    let fits = (*from..=*to).contains(&memory) && (memory - from).is_multiple_of(*step);
    (!fits).then(|| {
        let steps = format!("from {from} to {to} in steps of {step}");
        invalid(at, format!("With cpu = {cpu}, Fargate knows memory {steps} MiB, not {memory}."))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_of_cpu_and_memory_that_fargate_knows_is_taken_and_no_other() {
        let fits = |cpu: u32, memory: u32| {
            size(&Value::object([("cpu", Value::from(i64::from(cpu))), ("memory", Value::from(i64::from(memory)))]))
                .is_none()
        };
        for (cpu, from, to, step) in SIZES {
            assert!((*from..=*to).step_by(*step as usize).all(|memory| fits(*cpu, memory)), "{cpu}");
            assert!(!fits(*cpu, from - 1) && !fits(*cpu, to + step) && !fits(*cpu, from + 1), "{cpu}");
        }
    }
}
