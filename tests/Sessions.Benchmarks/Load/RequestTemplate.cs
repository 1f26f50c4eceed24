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

    /// <param name="path">The path of the request.</param>
    /// <param name="token">The project's token.</param>
    /// <param name="events">How many events it carries.</param>
    /// <param name="namesSessions">Whether events have <c>$session_id</c>.</param>
    public RequestTemplate(string path, string token, int events, bool namesSessions)
    {
        string body = "{\"api_key\":\"" + token + "\",\"batch\":["
            + string.Join(',', Enumerable.Range(0, events).Select(index => EventText.Of(index, namesSessions))) + "]}";
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

    /// <summary>The request's next events.</summary>
    /// <param name="visits">Whose they are.</param>
    /// <param name="request">The request's number.</param>
    /// <param name="firstEvent">The number of its first event: each number is one event's id for good.</param>
    /// <param name="now">The events' time.</param>
    public ReadOnlyMemory<byte> Fill(Visits visits, long request, long firstEvent, DateTime now)
    {
        Span<byte> bytes = _bytes;
        int holes = _devices.Length / Events;
        for (int i = 0; i < Events; i++)
        {
            Visit visit = visits(request, i, Events);
            foreach (int at in _devices.AsSpan(i * holes, holes))
            {
                Ids.WriteDevice(bytes[at..], visit.Device);
            }

            if (_sessions.Length > 0)
            {
                Utf8Formatter.TryFormat(Ids.Session(visit.Session), bytes[_sessions[i]..], out _);
            }

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
