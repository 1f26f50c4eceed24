using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Sessions.Web.Replay.Mobile;

/// <summary>The rrweb events that one event of a mobile recording has become. They share one buffer, which is used again.</summary>
internal sealed class MobileEvents : IDisposable
{
    // What the answer holds is JSON, not HTML: without this, each plus of a picture would take six bytes.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 1000 };

    // An unusually large event should not stay in memory for the rest of the replay.
    private const int MaxKeptBytes = 1 << 20;

    private readonly List<Range> _events = [];
    private ArrayBufferWriter<byte> _written = new();
    private Utf8JsonWriter? _json;

    public int Count => _events.Count;

    public ReadOnlyMemory<byte> this[int index] => _written.WrittenMemory[_events[index]];

    public void Clear()
    {
        _events.Clear();
        if (_written.Capacity > MaxKeptBytes)
        {
            _json?.Dispose();
            (_json, _written) = (null, new ArrayBufferWriter<byte>());
        }

        _written.ResetWrittenCount();
    }

    /// <summary>Adds an event.</summary>
    /// <param name="type">rrweb's kind of event.</param>
    /// <param name="time">Its time, as received.</param>
    /// <param name="data">Writes the members of its data.</param>
    public void Add(int type, JsonElement time, Action<Utf8JsonWriter> data)
    {
        int start = _written.WrittenCount;
        _json ??= new Utf8JsonWriter(_written, Options);
        _json.Reset(_written);
        _json.WriteStartObject();
        _json.WriteNumber("type"u8, type);
        _json.WriteStartObject("data"u8);
        data(_json);
        _json.WriteEndObject();
        _json.WriteNumber("timestamp"u8, time.Number() ?? 0);
        _json.WriteEndObject();
        _json.Flush();
        _events.Add(start.._written.WrittenCount);
    }

    /// <summary>Adds a change of the document.</summary>
    public void AddMutation(JsonElement time, Action<Utf8JsonWriter> removes, Action<Utf8JsonWriter> adds) => Add(3, time, json =>
    {
        json.WriteNumber("source"u8, 0);
        json.WriteStartArray("texts"u8);
        json.WriteEndArray();
        json.WriteStartArray("attributes"u8);
        json.WriteEndArray();
        json.WriteStartArray("removes"u8);
        removes(json);
        json.WriteEndArray();
        json.WriteStartArray("adds"u8);
        adds(json);
        json.WriteEndArray();
    });

    /// <summary>Adds the event as received.</summary>
    public void AddAsReceived(ReadOnlySpan<byte> line)
    {
        int start = _written.WrittenCount;
        _written.Write(line);
        _events.Add(start.._written.WrittenCount);
    }

    public void Dispose() => _json?.Dispose();
}
