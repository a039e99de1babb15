//! Where Terraform finds us: a Unix socket in a directory of its own; on Windows, or as a last resort, a local TCP port.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::connection::Connection;
use crate::protocol::tls::Tls;

/// As the handshake line tells it.
#[derive(Clone, Debug)]
pub enum Address {
    #[cfg(unix)]
    Unix(std::path::PathBuf),
    Tcp(SocketAddr),
}

impl Address {
    pub fn network(&self) -> &'static str {
        match self {
            #[cfg(unix)]
            Self::Unix(_) => "unix",
            Self::Tcp(_) => "tcp",
        }
    }

    pub fn text(&self) -> String {
        match self {
            #[cfg(unix)]
            Self::Unix(path) => path.display().to_string(),
            Self::Tcp(address) => address.to_string(),
        }
    }
}

enum Socket {
    #[cfg(unix)]
    Unix(tokio::net::UnixListener),
    Tcp(TcpListener),
}

impl Socket {
    async fn accept(&self) -> io::Result<Connection> {
        Ok(match self {
            #[cfg(unix)]
            Self::Unix(listener) => Connection::new(listener.accept().await?.0),
            Self::Tcp(listener) => Connection::new(listener.accept().await?.0),
        })
    }
}

pub struct Listener {
    pub address: Address,
    socket: Arc<Socket>,
    /// Goes, and the socket with it, when this is dropped.
    _directory: Option<TempDir>,
}

impl Listener {
    pub async fn bind() -> io::Result<Self> {
        #[cfg(unix)]
        match unix::bind() {
            Ok((path, socket, directory)) => {
                let socket = Arc::new(Socket::Unix(socket));
                return Ok(Self { address: Address::Unix(path), socket, _directory: Some(directory) });
            }
            Err(error) => tracing::warn!(%error, "can't make a Unix socket, listening on a local port instead"),
        }
        let socket = bind_tcp(port("PLUGIN_MIN_PORT", 10_000), port("PLUGIN_MAX_PORT", 25_000)).await?;
        let address = Address::Tcp(socket.local_addr()?);
        Ok(Self { address, socket: Arc::new(Socket::Tcp(socket)), _directory: None })
    }

    /// All connections that pass TLS, if there is any. A slow or failing handshake holds up nobody else.
    pub fn connections(&self, tls: Option<Tls>) -> ReceiverStream<io::Result<Connection>> {
        let socket = self.socket.clone();
        let (sender, receiver) = mpsc::channel(16);
        tokio::spawn(async move {
            loop {
                let accepted = tokio::select! {
                    accepted = socket.accept() => accepted,
                    () = sender.closed() => return,
                };
                match accepted {
                    Ok(connection) => drop(tokio::spawn(admit(connection, tls.clone(), sender.clone()))),
                    Err(error) => {
                        tracing::warn!(%error, "can't accept a connection");
                        // Out of file descriptors, most likely: it fails again until others are closed.
                        tokio::time::sleep(Duration::from_millis(100)).await;
                    }
                }
            }
        });
        ReceiverStream::new(receiver)
    }
}

async fn admit(connection: Connection, tls: Option<Tls>, admitted: mpsc::Sender<io::Result<Connection>>) {
    let connection = match tls {
        None => connection,
        Some(tls) => match tls.accept(connection).await {
            Ok(secured) => Connection::new(secured),
            Err(error) => return tracing::warn!(%error, "refused a connection"),
        },
    };
    // Fails only when the server has ended.
    let _ = admitted.send(Ok(connection)).await;
}

fn port(variable: &str, otherwise: u16) -> u16 {
    std::env::var(variable).ok().and_then(|port| port.parse().ok()).unwrap_or(otherwise)
}

/// The first free port of the range, reachable from this machine only.
async fn bind_tcp(least: u16, most: u16) -> io::Result<TcpListener> {
    let mut outcome = Err(io::Error::other(format!("no ports between {least} and {most}")));
    for port in least..=most {
        outcome = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
        if outcome.is_ok() {
            break;
        }
    }
    outcome
}

#[cfg(unix)]
mod unix {
    use std::fs::Permissions;
    use std::os::unix::fs::{PermissionsExt, chown};
    use std::path::{Path, PathBuf};
    use std::{env, fs, io};

    use tempfile::TempDir;
    use tokio::net::UnixListener;

    /// What fits into `sun_path` everywhere, the end mark included (104 bytes on macOS, 108 on Linux).
    const LONGEST: usize = 103;

    pub fn bind() -> io::Result<(PathBuf, UnixListener, TempDir)> {
        let parent = env::var_os("PLUGIN_UNIX_SOCKET_DIR").map_or_else(env::temp_dir, PathBuf::from);
        let mut directory = private_directory(&parent)?;
        // CI systems like long temporary directories.
        if socket_in(&directory).as_os_str().len() > LONGEST {
            directory = private_directory(Path::new("/tmp"))?;
        }
        let path = socket_in(&directory);
        let socket = UnixListener::bind(&path)?;
        if let Some(group) = env::var("PLUGIN_UNIX_SOCKET_GROUP").ok().filter(|group| !group.is_empty()) {
            let group = group_id(&group)?;
            for (shared, mode) in [(directory.path(), 0o710), (&path, 0o660)] {
                chown(shared, None, Some(group))?;
                fs::set_permissions(shared, Permissions::from_mode(mode))?;
            }
        }
        Ok((path, socket, directory))
    }

    fn private_directory(parent: &Path) -> io::Result<TempDir> {
        tempfile::Builder::new().prefix("plugin").permissions(Permissions::from_mode(0o700)).tempdir_in(parent)
    }

    fn socket_in(directory: &TempDir) -> PathBuf {
        directory.path().join("socket")
    }

    /// A group by number, or by name from the local file.
    fn group_id(group: &str) -> io::Result<u32> {
        let groups = fs::read_to_string("/etc/group").unwrap_or_default();
        let named = groups.lines().map(|line| line.split(':').collect::<Vec<_>>());
        let id = named.filter(|fields| fields.first() == Some(&group)).find_map(|fields| fields.get(2)?.parse().ok());
        let id = id.or_else(|| group.parse().ok());
        id.ok_or_else(|| io::Error::other(format!("no group {group} for PLUGIN_UNIX_SOCKET_GROUP")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn tcp_takes_the_next_free_port_of_the_range() {
        let first = bind_tcp(20_000, 25_000).await.unwrap().local_addr().unwrap().port();
        let taken = bind_tcp(first, 25_000).await.unwrap();
        let next = bind_tcp(taken.local_addr().unwrap().port(), 25_000).await.unwrap();
        assert!(next.local_addr().unwrap().port() > taken.local_addr().unwrap().port());
        assert!(bind_tcp(5, 4).await.is_err());
    }
}
