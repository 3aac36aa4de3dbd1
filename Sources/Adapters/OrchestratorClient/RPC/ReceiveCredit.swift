/// Says when received bytes are given back to the HTTP/2 windows, so that a slow reader slows its peer down.
///
/// Bytes of finished messages are given back as the reader takes them. While the reader waits, bytes of an unfinished
/// message are given back at once: a message may be larger than the window, and would never be finished else. What one
/// stream can make us hold is therefore one largest message and one window.
struct ReceiveCredit {
  /// Received and not given back.
  private(set) var owed = 0
  private var waiting = 0

  /// A chunk came and completed so many messages; returns the bytes to give back now.
  mutating func received(bytes: Int, completing messages: Int) -> Int {
    owed += bytes
    waiting += messages
    return waiting == 0 ? settle(owed) : 0
  }

  /// The reader took so many messages of so many bytes together; returns the bytes to give back now.
  mutating func messagesTaken(_ messages: Int, bytes: Int) -> Int {
    waiting = max(0, waiting - messages)
    return settle(waiting == 0 ? owed : min(owed, bytes))
  }

  /// The stream is over; returns all that is owed.
  mutating func closed() -> Int {
    waiting = 0
    return settle(owed)
  }

  private mutating func settle(_ bytes: Int) -> Int {
    owed -= bytes
    return bytes
  }
}
