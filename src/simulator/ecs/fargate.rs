//! Fargate's task sizes: which CPU goes with which memory (Developer Guide, "Fargate task definition parameters",
//! section "Task CPU and memory").

use super::definition;
use crate::simulator::quotas;
use crate::simulator::world::World;

/// What a service hears whose task would be too much (Developer Guide, "Amazon ECS service event messages").
pub const TOO_MANY: &str = "You’ve reached the limit on the number of vCPUs you can run concurrently";

/// Whether one more task of this definition is beyond the account's vCPUs. Each task counts until it is STOPPED
/// (unverified); all count as on demand.
pub fn beyond(world: &World, definition: &str) -> bool {
    let units = |arn: &str| definition::find(world, arn).and_then(|one| cpu(one.body["cpu"].as_str()?)).unwrap_or(0);
    let counted = world.ecs.tasks.values().filter(|task| task.status != "STOPPED");
    let used: i64 = counted.map(|task| units(&task.definition)).sum();
    used + units(definition) > quotas::limit(world, quotas::FARGATE_VCPUS).saturating_mul(1024)
}

/// CPU units of `256`, `.25 vCPU` or `0.25 vcpu`.
pub fn cpu(text: &str) -> Option<i64> {
    let lower = text.trim().to_ascii_lowercase();
    match lower.strip_suffix("vcpu") {
        Some(cpus) => scaled(cpus),
        None => lower.parse().ok(),
    }
}

/// MiB of `512`, `0.5GB` or `1 gb`.
pub fn memory(text: &str) -> Option<i64> {
    let lower = text.trim().to_ascii_lowercase();
    match lower.strip_suffix("gb") {
        Some(gigabytes) => scaled(gigabytes),
        None => lower.parse().ok(),
    }
}

fn scaled(text: &str) -> Option<i64> {
    let number: f64 = text.trim().parse().ok()?;
    (0.0..1000.0).contains(&number).then_some((number * 1024.0) as i64)
}

pub fn is_a_pair(cpu: i64, memory: i64) -> bool {
    let gigabytes = |low: i64, high: i64, step: i64| {
        (low * 1024..=high * 1024).contains(&memory) && (memory - low * 1024) % (step * 1024) == 0
    };
    match cpu {
        256 => [512, 1024, 2048].contains(&memory),
        512 => gigabytes(1, 4, 1),
        1024 => gigabytes(2, 8, 1),
        2048 => gigabytes(4, 16, 1),
        4096 => gigabytes(8, 30, 1),
        8192 => gigabytes(16, 60, 4),
        16384 => gigabytes(32, 120, 8),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_aws_reads_them() {
        assert_eq!((cpu("256"), cpu(".5 vCPU"), cpu("2 vcpu"), cpu("x")), (Some(256), Some(512), Some(2048), None));
        assert_eq!(
            (memory("512"), memory("0.5GB"), memory("3 GB"), memory("")),
            (Some(512), Some(512), Some(3072), None)
        );
    }

    #[test]
    fn only_the_documented_pairs_exist() {
        assert!(is_a_pair(256, 512) && is_a_pair(1024, 8192) && is_a_pair(8192, 20480) && is_a_pair(16384, 122_880));
        assert!(!is_a_pair(256, 4096) && !is_a_pair(512, 1536) && !is_a_pair(8192, 17408) && !is_a_pair(300, 1024));
    }

    #[test]
    fn no_task_starts_beyond_the_vcpus() {
        use crate::simulator::ecs::fake::{self, call, events, look, pass, register, world};
        let mut world = world();
        register(&mut world, "nginx");
        quotas::set(&mut world, quotas::FARGATE_VCPUS, 1);
        call(&mut world, "CreateService", fake::but(fake::service(), "desiredCount", 6.into())).unwrap();
        pass(&mut world, 300);
        assert_eq!(look(&mut world)["runningCount"], 4);
        let told = "(service web) was unable to place a task. Reason: You’ve reached the limit on the number of vCPUs";
        assert!(events(&mut world).contains(told));
        quotas::set(&mut world, quotas::FARGATE_VCPUS, 2);
        pass(&mut world, 300);
        assert_eq!(
            (&look(&mut world)["runningCount"], &look(&mut world)["deployments"][0]["failedTasks"]),
            (&6.into(), &0.into())
        );
    }
}
