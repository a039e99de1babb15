//! moto and the simulator live one life; each difference between their answers is listed with its reason.

use tokio::task::spawn_blocking;

use crate::door::{Door, script};

#[tokio::test(flavor = "multi_thread")]
async fn moto_and_the_simulator_answer_alike() {
    let door = Door::open(1000.0).await;
    let url = format!("http://{}", door.address);
    let told = spawn_blocking(move || script("compare.py", &[&url], "")).await.unwrap();
    print!("moto and the simulator: {told}");
    door.close().await;
}
