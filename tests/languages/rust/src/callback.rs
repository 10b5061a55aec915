//! The loopback address that a login comes back to.

use std::io;

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
};

const PAGE: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

pub struct Callback {
    listener: TcpListener,
    port: u16,
}

impl Callback {
    pub async fn listen() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        Ok(Self { listener, port })
    }

    pub fn redirect_uri(&self) -> String {
        format!("http://127.0.0.1:{}/callback", self.port)
    }

    /// The URL of the next redirect.
    pub async fn wait(&self) -> io::Result<String> {
        let (stream, _) = self.listener.accept().await?;
        let mut stream = BufReader::new(stream);
        let mut first = String::new();
        stream.read_line(&mut first).await?;
        let mut header = first.clone();
        while !header.trim().is_empty() {
            header.clear();
            stream.read_line(&mut header).await?;
        }
        stream.write_all(PAGE).await?;
        let target = first.split(' ').nth(1).unwrap_or_default();
        Ok(format!("http://127.0.0.1:{}{target}", self.port))
    }
}
