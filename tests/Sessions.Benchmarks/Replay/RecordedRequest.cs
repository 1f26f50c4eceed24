using System.Buffers.Text;
using System.Text;

namespace Sessions.Benchmarks.Replay;

/// <summary>A request with a recording, made once. Sending it again means writing other ids over the last ones'.</summary>
internal sealed class RecordedRequest
{
    private readonly byte[] _bytes;
    private readonly int[] _sessions;
    private readonly int _uuid;

    public RecordedRequest(RecordedPage.Body body)
    {
        byte[] head = Encoding.ASCII.GetBytes(
            $"POST /s/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {body.Json.Length}\r\n\r\n");
        _bytes = [.. head, .. body.Json];
        // A person has one session here.
        _sessions = [head.Length + body.PersonAt, head.Length + body.SessionAt];
        _uuid = head.Length + body.UuidAt;
        BodyLength = body.Json.Length;
    }

    /// <summary>The bytes of the body.</summary>
    public int BodyLength { get; }

    /// <summary>The request as the next one of a session.</summary>
    public ReadOnlyMemory<byte> Fill(Guid session)
    {
        foreach (int at in _sessions)
        {
            Utf8Formatter.TryFormat(session, _bytes.AsSpan(at), out _);
        }

        Utf8Formatter.TryFormat(Guid.CreateVersion7(), _bytes.AsSpan(_uuid), out _);
        return _bytes;
    }
}
