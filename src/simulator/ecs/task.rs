//! Tasks: what they are, how they are answered, DescribeTasks, ListTasks and StopTask.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::cluster::{self, short};
use super::deployment::LATEST;
use super::{container_health, containers, definition, refuse, service, task_life};
use crate::simulator::ask::Ask;
use crate::simulator::ec2::Interface;
use crate::simulator::refusal::Answer;
use crate::simulator::tags::{self, Tags};
use crate::simulator::world::World;

#[derive(Clone, Debug)]
pub struct Task {
    pub id: String,
    pub cluster: String,
    pub service: String,
    /// ID of the deployment that started it.
    pub deployment: String,
    pub definition: String,
    pub status: &'static str,
    pub subnet: String,
    pub zone: String,
    pub groups: Vec<String>,
    pub public_ip: bool,
    /// Commands may be run in it.
    pub execute: bool,
    pub platform: String,
    pub launch_type: Option<String>,
    /// Capacity provider, where a strategy chose one.
    pub provider: Option<String>,
    pub interface: Option<Interface>,
    /// Target groups and ports it serves.
    pub targets: Vec<(String, i64)>,
    /// Whether all its target groups find it healthy; true without any.
    pub healthy: bool,
    /// Code and reason, once it is to stop.
    pub stop: Option<(&'static str, String)>,
    /// When its first container started.
    pub begun: Option<f64>,
    /// Containers that ended by themselves: code and reason.
    pub ended: BTreeMap<String, (i64, Option<&'static str>)>,
    /// Of the containers that were told to stop.
    pub exit: Option<i64>,
    pub exit_reason: Option<String>,
    pub attachment: String,
    pub created: f64,
    pub started: Option<f64>,
    pub stopping: Option<f64>,
    pub stopped: Option<f64>,
    pub tags: Tags,
}

impl Task {
    pub fn ip(&self) -> String {
        self.interface.as_ref().map(|one| one.private_ip.clone()).unwrap_or_default()
    }
}

fn view(world: &World, task: &Task, with_tags: bool) -> Json {
    let arn = |kind: &str, rest: &str| world.arn("ecs", &format!("{kind}/{}/{}{rest}", task.cluster, task.id));
    let definition = definition::find(world, &task.definition).map(|one| one.body.clone()).unwrap_or_default();
    let ended = matches!(task.status, "DEPROVISIONING" | "STOPPED");
    let detail = |name: &str, value: &str| json!({ "name": name, "value": value });
    let mut details = vec![detail("subnetId", &task.subnet)];
    if let Some(interface) = &task.interface {
        details.push(detail("networkInterfaceId", &interface.id));
        details.push(detail("privateIPv4Address", &interface.private_ip));
    }
    let attachment = match (task.status, &task.interface) {
        ("STOPPED", _) => "DELETED",
        (_, None) => "PRECREATED",
        _ => "ATTACHED",
    };
    let container = |(at, one): (usize, Ask)| {
        let own = task.ended.get(one.text("name").unwrap_or_default());
        let course = one.text("name").and_then(|name| containers::named(world, task, name));
        let ran = course.is_some_and(|course| containers::age(world, task, &course).is_some());
        let status = match ran {
            _ if ended || own.is_some() => "STOPPED",
            true => "RUNNING",
            false => "PENDING",
        };
        let mut view = json!({
            "containerArn": arn("container", &format!("/{at:08x}")),
            "taskArn": arn("task", ""),
            "name": one.text("name"),
            "image": one.text("image"),
            "lastStatus": status,
            "networkInterfaces": task.interface.iter().map(|interface| json!({
                "attachmentId": task.attachment, "privateIpv4Address": interface.private_ip })).collect::<Vec<_>>(),
            "healthStatus": container_health::of(world, task, &one).unwrap_or("UNKNOWN"),
            "cpu": one.number("cpu").unwrap_or(0).to_string(),
        });
        if let Some(code) = own.map(|(code, _)| *code).or(task.exit.filter(|_| ended && ran)) {
            view["exitCode"] = code.into();
        }
        let told = own.and_then(|(_, reason)| *reason).or(task.exit_reason.as_deref().filter(|_| ended));
        if let Some(reason) = told {
            view["reason"] = reason.into();
        }
        view
    };
    let containers: Vec<Json> =
        Ask(definition.clone()).parts("containerDefinitions").into_iter().enumerate().map(container).collect();
    let mut view = json!({
        "taskArn": arn("task", ""),
        "clusterArn": world.arn("ecs", &format!("cluster/{}", task.cluster)),
        "taskDefinitionArn": task.definition,
        "group": format!("service:{}", task.service),
        "startedBy": task.deployment,
        "lastStatus": task.status,
        "desiredStatus": if task.stop.is_some() { "STOPPED" } else { "RUNNING" },
        "availabilityZone": task.zone,
        "cpu": definition["cpu"],
        "memory": definition["memory"],
        "platformVersion": if task.platform == "LATEST" { LATEST } else { &task.platform },
        "platformFamily": "Linux",
        "healthStatus": container_health::of_task(world, task).unwrap_or("UNKNOWN"),
        "attachments": [{
            "id": task.attachment, "type": "ElasticNetworkInterface", "status": attachment, "details": details }],
        "containers": containers,
        "createdAt": task.created,
        "enableExecuteCommand": task.execute,
        "overrides": { "containerOverrides": [], "inferenceAcceleratorOverrides": [] },
        "version": 1,
    });
    view["launchType"] = task.launch_type.as_deref().unwrap_or("FARGATE").into();
    if let Some(provider) = &task.provider {
        view["capacityProviderName"] = provider.clone().into();
    }
    for (name, at) in [("startedAt", task.started), ("stoppingAt", task.stopping), ("stoppedAt", task.stopped)] {
        if let Some(at) = at {
            view[name] = json!(at);
        }
    }
    if let Some((code, reason)) = &task.stop {
        (view["stopCode"], view["stoppedReason"]) = ((*code).into(), reason.clone().into());
    }
    if with_tags {
        view["tags"] = tags::write(&task.tags, "key", "value");
    }
    view
}

/// Up to a hundred (API reference, DescribeTasks).
pub fn describe(world: &mut World, ask: &Ask) -> Answer {
    let cluster = cluster::find(world, ask)?.name.clone();
    let wanted = ask.texts("tasks");
    if wanted.is_empty() {
        return Err(refuse::parameter("Tasks cannot be empty."));
    }
    if wanted.len() > 100 {
        return Err(refuse::parameter("Tasks list can contain at most 100 entries."));
    }
    let with_tags = ask.texts("include").iter().any(|one| one == "TAGS");
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for reference in wanted {
        match world.ecs.tasks.get(short(&reference)).filter(|task| task.cluster == cluster) {
            Some(task) => found.push(view(world, task, with_tags)),
            None => {
                let arn = world.arn("ecs", &format!("task/{cluster}/{}", short(&reference)));
                failures.push(json!({ "arn": arn, "reason": "MISSING" }));
            }
        }
    }
    Ok(json!({ "tasks": found, "failures": failures }))
}

/// By desired status, RUNNING unless told otherwise; stopped ones are known for an hour (API reference, ListTasks).
pub fn list(world: &mut World, ask: &Ask) -> Answer {
    let cluster = cluster::find(world, ask)?.name.clone();
    let stopped = match ask.text("desiredStatus") {
        None | Some("RUNNING") => false,
        Some("STOPPED") => true,
        // No task is ever wanted PENDING (API reference).
        Some("PENDING") => return Ok(json!({ "taskArns": [] })),
        Some(_) => return Err(refuse::parameter("desiredStatus should be one of [PENDING,RUNNING,STOPPED]")),
    };
    let service = ask.text("serviceName").map(short);
    if let Some(name) = service
        && !world.ecs.services.contains_key(&(cluster.clone(), name.to_owned()))
    {
        return Err(refuse::no_service());
    }
    let (family, by) = (ask.text("family"), ask.text("startedBy"));
    let of_family = |task: &Task| short(&task.definition).split(':').next().map(str::to_owned);
    let tasks = world.ecs.tasks.values().filter(|task| {
        task.cluster == cluster
            && task.stop.is_some() == stopped
            && service.is_none_or(|name| task.service == name)
            && by.is_none_or(|by| task.deployment == by)
            && family.is_none_or(|family| of_family(task).as_deref() == Some(family))
    });
    let arns = tasks.map(|task| json!(world.arn("ecs", &format!("task/{cluster}/{}", task.id)))).collect();
    super::paging::page(ask, "taskArns", arns, 100)
}

/// The scheduler will start another one.
pub fn stop(world: &mut World, ask: &Ask) -> Answer {
    let cluster = cluster::find(world, ask)?.name.clone();
    let id = short(refuse::needed(ask, "task")?).to_owned();
    let none = || refuse::parameter("The referenced task was not found.");
    let task = world.ecs.tasks.get(&id).filter(|task| task.cluster == cluster).ok_or_else(none)?;
    let key = (cluster, task.service.clone());
    let reason = ask.text("reason").unwrap_or("Task stopped by user").to_owned();
    service::with(world, &key, |world, service| task_life::stop(world, service, &id, "UserInitiated", reason));
    let task = world.ecs.tasks.get(&id).map(|task| view(world, task, true));
    Ok(json!({ "task": task }))
}

#[cfg(test)]
mod tests {
    use super::super::fake::{self, but, call, definition, pass, refused, register, tasks, world};
    use super::*;

    fn started(image: &str, change: impl FnOnce(&mut World)) -> World {
        let mut world = world();
        register(&mut world, image);
        change(&mut world);
        let ask = but(fake::service(), "propagateTags", json!("SERVICE"));
        let ask = but(ask, "tags", json!([{ "key": "a", "value": "b" }]));
        let ask = but(ask, "desiredCount", json!(1));
        call(&mut world, "CreateService", but(ask, "enableECSManagedTags", json!(true))).unwrap();
        world
    }

    #[test]
    fn a_task_lives_through_its_states() {
        let mut world = started("nginx", |_| {});
        let mut seen = Vec::new();
        let mut look = |world: &mut World, seconds: u64| {
            for _ in 0..seconds {
                pass(world, 1);
                let status = tasks(world).first().map(|task| task["lastStatus"].as_str().unwrap().to_owned());
                seen.extend(status.filter(|status| seen.last() != Some(status)));
            }
        };
        look(&mut world, 200);
        let arn = tasks(&mut world)[0]["taskArn"].clone();
        let found =
            call(&mut world, "DescribeTasks", json!({ "cluster": "home", "tasks": [arn], "include": ["TAGS"] }))
                .unwrap();
        let task = &found["tasks"][0];
        assert_eq!(task["tags"].as_array().unwrap().len(), 3);
        assert_eq!(task["attachments"][0]["status"], "ATTACHED");
        assert_eq!(task["containers"][0]["lastStatus"], "RUNNING");
        call(&mut world, "DeleteService", json!({ "cluster": "home", "service": "web", "force": true })).unwrap();
        look(&mut world, 200);
        let states = ["PROVISIONING", "PENDING", "RUNNING", "DEACTIVATING", "STOPPING", "DEPROVISIONING", "STOPPED"];
        assert_eq!(seen, states);
        assert_eq!(tasks(&mut world)[0]["containers"][0]["exitCode"], 0);
        let lines = world.ecs.fake.as_ref().unwrap().lines.join("|");
        assert!(
            lines.contains("/web app/app/") && lines.contains("started") && lines.contains("terminated"),
            "{lines}"
        );
        pass(&mut world, 3700);
        let gone = call(&mut world, "DescribeTasks", json!({ "cluster": "home", "tasks": [arn] })).unwrap();
        assert_eq!(gone["failures"][0]["reason"], "MISSING");
    }

    #[test]
    fn each_way_to_fail_is_told() {
        fn nothing(_: &mut World) {}
        fn shut(world: &mut World) {
            world.ecs.fake.as_mut().unwrap().way_out = false;
        }
        fn no_leave(world: &mut World) {
            let ask = but(definition("nginx"), "executionRoleArn", json!("arn:aws:iam::1:role/powerless"));
            call(world, "RegisterTaskDefinition", ask).unwrap();
        }
        fn no_images(world: &mut World) {
            let ask = definition("1.dkr.ecr.eu-central-1.amazonaws.com/app:1");
            let ask = but(ask, "executionRoleArn", json!("arn:aws:iam::1:role/powerless"));
            call(world, "RegisterTaskDefinition", ask).unwrap();
        }
        fn no_logs(world: &mut World) {
            let mut ask = definition("nginx");
            ask["containerDefinitions"][0]["logConfiguration"]["options"]["awslogs-group"] = json!("/missing");
            call(world, "RegisterTaskDefinition", ask).unwrap();
        }
        fn on_arm(world: &mut World) {
            let platform = json!({ "cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX" });
            let ask = but(definition("nginx:wrong-architecture"), "runtimePlatform", platform);
            call(world, "RegisterTaskDefinition", ask).unwrap();
        }
        type Case = (&'static str, fn(&mut World), &'static str, &'static str, Option<i64>);
        let cases: [Case; 9] = [
            ("nginx:fails-to-pull", nothing, "TaskFailedToStart", "CannotPullContainerError", None),
            ("nginx:wrong-architecture", nothing, "TaskFailedToStart", "linux/amd64", None),
            ("nginx", on_arm, "TaskFailedToStart", "platform 'linux/arm64'", None),
            ("nginx", shut, "TaskFailedToStart", "i/o timeout", None),
            ("nginx", no_leave, "TaskFailedToStart", "is not authorized to perform: logs:CreateLogStream", None),
            ("nginx", no_images, "TaskFailedToStart", "is not authorized to perform: ecr:GetAuthorizationToken", None),
            ("nginx", no_logs, "TaskFailedToStart", "The specified log group does not exist.", None),
            (
                "nginx:exits-3-after-5s",
                nothing,
                "EssentialContainerExited",
                "Essential container in task exited",
                Some(3),
            ),
            (
                "nginx:out-of-memory",
                nothing,
                "EssentialContainerExited",
                "Essential container in task exited",
                Some(137),
            ),
        ];
        for (image, change, code, reason, exit) in cases {
            let mut world = started(image, change);
            pass(&mut world, 150);
            let task = tasks(&mut world).into_iter().find(|task| task["desiredStatus"] == "STOPPED").unwrap();
            assert_eq!(task["stopCode"], code, "{image}");
            assert!(task["stoppedReason"].as_str().unwrap().contains(reason), "{task}");
            assert_eq!(task["containers"][0]["exitCode"].as_i64(), exit);
            let killed = task["containers"][0]["reason"].as_str().is_some_and(|why| why.starts_with("OutOfMemory"));
            assert_eq!(killed, exit == Some(137));
        }
    }

    #[test]
    fn a_subnet_that_went_away_fails_the_task() {
        let mut world = started("nginx", |_| {});
        pass(&mut world, 9);
        for task in world.ecs.tasks.values_mut() {
            task.subnet = "missing".into();
        }
        pass(&mut world, 60);
        let stopped = tasks(&mut world).pop().unwrap();
        assert!(stopped["stoppedReason"].as_str().unwrap().contains("InvalidSubnetID.NotFound"), "{stopped}");
    }

    #[test]
    fn unhealthy_tasks_are_stopped_and_tasks_stopped_by_hand_are_replaced() {
        let mut world = started("nginx:never-healthy", |_| {});
        pass(&mut world, 200);
        let stopped = tasks(&mut world).pop().unwrap();
        let reason = stopped["stoppedReason"].as_str().unwrap();
        assert!(reason.starts_with("Task failed ELB health checks in (target-group arn:"), "{reason}");
        let mut world = started("nginx", |_| {});
        pass(&mut world, 200);
        let arn = tasks(&mut world)[0]["taskArn"].clone();
        let ask = json!({ "cluster": "home", "task": arn, "reason": "by hand" });
        let answer = call(&mut world, "StopTask", ask).unwrap();
        assert_eq!(
            (&answer["task"]["stopCode"], &answer["task"]["stoppedReason"]),
            (&json!("UserInitiated"), &json!("by hand"))
        );
        pass(&mut world, 200);
        let all = tasks(&mut world);
        assert_eq!((all.len(), &all[0]["lastStatus"]), (2, &json!("RUNNING")));
        assert!(
            refused(&mut world, "StopTask", json!({ "cluster": "home", "task": "x" })).starts_with("InvalidParameter")
        );
    }

    #[test]
    fn tasks_are_listed_by_what_is_asked() {
        let mut world = started("nginx", |_| {});
        pass(&mut world, 200);
        let by = tasks(&mut world)[0]["startedBy"].clone();
        for (member, value, count) in [
            ("serviceName", json!("web"), 1),
            ("family", json!("web"), 1),
            ("family", json!("x"), 0),
            ("startedBy", by, 1),
            ("startedBy", json!("x"), 0),
            ("desiredStatus", json!("STOPPED"), 0),
            ("desiredStatus", json!("PENDING"), 0),
        ] {
            let found = call(&mut world, "ListTasks", but(json!({ "cluster": "home" }), member, value)).unwrap();
            assert_eq!(found["taskArns"].as_array().unwrap().len(), count, "{member}");
        }
        for (member, value, expected) in [
            ("serviceName", json!("x"), "ServiceNotFoundException"),
            ("desiredStatus", json!("x"), "InvalidParameterException"),
            ("cluster", json!("x"), "ClusterNotFoundException"),
        ] {
            let told = refused(&mut world, "ListTasks", but(json!({ "cluster": "home" }), member, value));
            assert!(told.starts_with(expected), "{told}");
        }
        for few_or_many in [json!([]), json!(vec!["t"; 101])] {
            let ask = json!({ "cluster": "home", "tasks": few_or_many });
            assert!(refused(&mut world, "DescribeTasks", ask).starts_with("InvalidParameter"));
        }
    }
}
