using System.Buffers.Text;
using System.Text;

namespace Sessions.Benchmarks.Load;

/// <summary>
/// A whole HTTP request made once; sending another one means writing ids and times over the last ones'. So the load
/// costs next to nothing beside what it measures.
/// </summary>
internal sealed class RequestTemplate
{
    private readonly byte[] _bytes;
    private readonly int[] _devices;
    private readonly int[] _sessions;
    private readonly int[] _events;
    private readonly int[] _times;

    public RequestTemplate(string path, string token, int events)
    {
        string body = "{\"api_key\":\"" + token + "\",\"batch\":["
            + string.Join(',', Enumerable.Range(0, events).Select(EventText.Of)) + "]}";
        string text = $"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}";
        _bytes = Encoding.ASCII.GetBytes(text);
        _devices = Holes(text, EventText.DeviceHole);
        _sessions = Holes(text, EventText.SessionHole);
        _events = Holes(text, EventText.EventHole);
        _times = Holes(text, EventText.TimeHole);
        Events = events;
    }

    /// <summary>How many events it carries.</summary>
    public int Events { get; }

    /// <summary>The request for a visit's next events.</summary>
    /// <param name="visit">The device and its session.</param>
    /// <param name="firstEvent">The number of its first event: each number is one event's id for good.</param>
    /// <param name="now">The events' time.</param>
    public ReadOnlyMemory<byte> Fill(Visit visit, long firstEvent, DateTime now)
    {
        Span<byte> bytes = _bytes;
        foreach (int at in _devices)
        {
            Ids.WriteDevice(bytes[at..], visit.Device);
        }

        Span<byte> session = stackalloc byte[36];
        Utf8Formatter.TryFormat(Ids.Session(visit.Session), session, out _);
        foreach (int at in _sessions)
        {
            session.CopyTo(bytes[at..]);
        }

        for (int i = 0; i < _events.Length; i++)
        {
            Utf8Formatter.TryFormat(Ids.Event(firstEvent + i), bytes[_events[i]..], out _);
        }

        Span<byte> time = stackalloc byte[24];
        now.TryFormat(time, out _, "yyyy-MM-ddTHH:mm:ss.fffZ", null);
        foreach (int at in _times)
        {
            time.CopyTo(bytes[at..]);
        }

        return _bytes;
    }

    private static int[] Holes(string text, string hole)
    {
        var found = new List<int>();
        for (int at = text.IndexOf(hole, StringComparison.Ordinal); at >= 0; at = text.IndexOf(hole, at + hole.Length, StringComparison.Ordinal))
        {
            found.Add(at);
        }

        return [.. found];
    }
}
