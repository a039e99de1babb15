//! Tests of the door on a real socket: what people may see and do there.

use std::pin::Pin;

use serde_json::{Value as Json, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

use super::*;
use crate::simulator::ask::Ask;

const LONG: Duration = Duration::from_secs(10);

struct Open {
    address: SocketAddr,
    world: Arc<Mutex<World>>,
    stop: oneshot::Sender<()>,
    served: Pin<Box<JoinHandle<io::Result<()>>>>,
}

async fn open() -> Open {
    let (socket, address) = bind(([127, 0, 0, 1], 0).into()).await.unwrap();
    let world = Arc::new(Mutex::new(World::new(1, "eu-west-3")));
    let (stop, stopped) = oneshot::channel::<()>();
    let stopped = async {
        let _ = stopped.await;
    };
    let served = Box::pin(tokio::spawn(serve_on(socket, 60.0, Arc::clone(&world), stopped)));
    Open { address, world, stop, served }
}

impl Open {
    async fn send(&self, method: &str, path: &str, headers: &str, body: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let length = body.len();
        let head = format!("{method} {path} HTTP/1.1\r\n{headers}content-length: {length}\r\n\r\n{body}");
        stream.write_all(head.as_bytes()).await.unwrap();
        stream
    }

    /// The whole answer.
    async fn ask(&self, method: &str, path: &str, headers: &str, body: &str) -> String {
        let mut stream = self.send(method, path, &format!("connection: close\r\n{headers}"), body).await;
        let mut answer = Vec::new();
        let _ = timeout(LONG, stream.read_to_end(&mut answer)).await.unwrap();
        String::from_utf8(answer).unwrap()
    }

    async fn close(self) {
        self.stop.send(()).unwrap();
        timeout(LONG, self.served).await.unwrap().unwrap().unwrap();
    }
}

const HOST: &str = "host: 127.0.0.1:8888\r\n";
const JSON: &str = "host: localhost:8888\r\ncontent-type: application/json\r\n";

fn status(answer: &str) -> &str {
    answer.get(9..12).unwrap_or_default()
}

/// Reads events until one fits.
async fn event(stream: &mut TcpStream, fits: &str) {
    let read = async {
        let (mut all, mut some) = (String::new(), [0; 4096]);
        while !all.contains(fits) {
            let read = stream.read(&mut some).await.unwrap();
            assert!(read > 0, "it ended after {all}");
            all += &String::from_utf8_lossy(&some[..read]);
        }
    };
    timeout(LONG, read).await.unwrap_or_else(|_| panic!("{fits:?} never came"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_and_the_picture() {
    let door = open().await;
    let page = door.ask("GET", "/", HOST, "").await;
    assert_eq!(status(&page), "200");
    for header in ["content-security-policy: default-src 'none'; ", "x-content-type-options: nosniff", "text/html"] {
        assert!(page.contains(header), "{header}");
    }
    assert!(!page.contains("innerHTML") && !page.contains("src=\"http"));
    let world = door.ask("GET", "/simulator/world", HOST, "").await;
    let (_, body) = world.split_once("\r\n\r\n").unwrap();
    let picture: Json = serde_json::from_str(body).unwrap();
    assert_eq!((&picture["world"]["region"], picture["world"]["speed"].as_f64()), (&json!("eu-west-3"), Some(60.0)));
    let call = door.ask("GET", "/?Action=GetCallerIdentity&Version=2011-06-15", "host: any\r\n", "").await;
    assert!(call.contains("<Account>123456789012</Account>"), "{call}");
    door.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_viewer_hears_of_a_change_and_of_the_end() {
    let door = open().await;
    let mut viewers = Vec::new();
    for _ in 0..3 {
        let mut viewer = door.send("GET", "/simulator/events", HOST, "").await;
        event(&mut viewer, "\"last\":[]").await;
        viewers.push(viewer);
    }
    // One that never reads delays nobody.
    let idle = door.send("GET", "/simulator/events", HOST, "").await;
    let body = "Action=CreateVpc&Version=2016-11-15&CidrBlock=10.0.0.0%2F16";
    assert_eq!(status(&door.ask("POST", "/", HOST, body).await), "200");
    for viewer in &mut viewers {
        event(viewer, "\"state\":\"available\"").await;
    }
    let vpc = door.world.lock().unwrap().call("ec2", "DescribeVpcs", &Ask::default()).unwrap();
    let body = format!("Action=DeleteVpc&Version=2016-11-15&VpcId={}", vpc["vpcSet"][0]["vpcId"].as_str().unwrap());
    assert_eq!(status(&door.ask("POST", "/", HOST, &body).await), "200");
    for viewer in &mut viewers {
        event(viewer, "\"vpcs\":[]").await;
    }
    door.close().await;
    for mut viewer in viewers {
        let mut rest = String::new();
        timeout(LONG, viewer.read_to_string(&mut rest)).await.unwrap().unwrap();
        assert!(rest.ends_with("0\r\n\r\n"), "it ends as HTTP has it: {rest}");
    }
    drop(idle);
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_are_refused() {
    let door = open().await;
    let order = r#"{"fault":"throttle"}"#;
    for path in ["/", "/simulator/world", "/simulator/events"] {
        assert_eq!(status(&door.ask("GET", path, "host: evil.example\r\n", "").await), "403", "{path}");
        assert_eq!(status(&door.ask("GET", path, "host: 127.0.0.1.evil.example:80\r\n", "").await), "403", "{path}");
    }
    let json = "content-type: application/json\r\n";
    for (headers, refused) in [
        (format!("host: evil.example\r\n{json}"), "403"),
        (format!("{HOST}{json}origin: http://evil.example\r\n"), "403"),
        (format!("{HOST}{json}origin: null\r\n"), "403"),
        (format!("{HOST}content-type: text/plain\r\n"), "415"),
        (HOST.to_owned(), "415"),
        (format!("{HOST}{json}origin: http://127.0.0.1:8888\r\n"), "200"),
    ] {
        assert_eq!(status(&door.ask("POST", "/simulator/orders", &headers, order).await), refused, "{headers}");
    }
    assert_eq!(door.world.lock().unwrap().weather.orders.len(), 1);
    assert_eq!(status(&door.ask("GET", "/simulator/orders", JSON, "").await), "405");
    door.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_order_the_weather() {
    let door = open().await;
    let good = door.ask("POST", "/simulator/climate", JSON, r#"{"throttling":true}"#).await;
    assert_eq!(status(&good), "200");
    assert!(door.world.lock().unwrap().weather.climate.throttling);
    let on = door.ask("POST", "/simulator/guardduty", JSON, r#"{"runtime_monitoring":true}"#).await;
    assert_eq!(status(&on), "200");
    for (path, body, names) in [
        ("/simulator/climate", "{", "EOF"),
        ("/simulator/climate", r#"{"sunny":1}"#, "sunny"),
        ("/simulator/orders", r#"{"fault":"earthquake"}"#, "earthquake"),
        ("/simulator/orders", "{}", "fault"),
        ("/simulator/guardduty", "{}", "runtime_monitoring"),
        ("/simulator/zones", r#"{"zone":"eu-west-3a"}"#, "down_seconds"),
        (
            "/simulator/loads",
            r#"{"cluster":"a","service":"b","metric":"Requests","value":1}"#,
            "ALBRequestCountPerTarget",
        ),
    ] {
        let answer = door.ask("POST", path, JSON, body).await;
        assert!(status(&answer) == "400" && answer.contains(names), "{path} {body}: {answer}");
    }
    let long = " ".repeat(65 << 10);
    assert_eq!(status(&door.ask("POST", "/simulator/climate", JSON, &long).await), "413");
    door.close().await;
}

#[tokio::test]
async fn a_lost_reply_closes_the_connection_without_a_word() {
    let (socket, address) = bind(([127, 0, 0, 1], 0).into()).await.unwrap();
    let server = tokio::spawn(axum::serve(socket, Router::new().fallback(async || visit::reset())).into_future());
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n").await.unwrap();
    let mut said = Vec::new();
    let _ = timeout(LONG, stream.read_to_end(&mut said)).await.unwrap();
    assert_eq!(String::from_utf8(said).unwrap(), "");
    server.abort();
}

#[tokio::test(start_paused = true)]
async fn what_is_due_happens_while_nobody_calls() {
    let mut world = World::new(1, "eu-west-3");
    world.call("ec2", "CreateVpc", &Ask(json!({ "CidrBlock": "10.0.0.0/16" }))).unwrap();
    let due = world.next_due().unwrap();
    let clock = Clock { opened: Instant::now(), then: Duration::ZERO, speed: 2.0 };
    let door = Door {
        world: Arc::new(Mutex::new(world)),
        journal: None,
        clock,
        called: Notify::new(),
        watched: Notify::new(),
        pictures: watch::Sender::new("".into()),
        closed: watch::channel(false).1,
    };
    let happened = || door.world.lock().unwrap().log.iter().any(|event| event.what.ends_with(" is available"));
    // Half the world's time passes outside.
    let before = due / 2 - Duration::from_millis(2);
    assert!(tokio::time::timeout(before, live(&door)).await.is_err() && !happened());
    assert!(tokio::time::timeout(Duration::from_millis(10), live(&door)).await.is_err() && happened());
}
