using System.Text.Json;

namespace Sessions.Web.Replay.Mobile;

/// <summary>
/// Turns the events of mobile recordings into rrweb's, one after the other. The SDKs of phones send wireframes or pictures of
/// the screen in place of a page's elements. Of each window it keeps the ids of what is on the screen, and nothing else.
/// </summary>
internal sealed class MobileReplay : IDisposable
{
    private const int MaxWireframes = 20_000;
    private const int MaxWindows = 1000;

    // A body may be nested deeply. The parser needs little for each level.
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = int.MaxValue };

    private readonly WireframeRoom _room = new(MaxWireframes);
    private readonly Dictionary<string, MobileWindow> _windows = [];
    private readonly MobileEvents _output = new();

    /// <summary>
    /// Returns the events to play in place of this one, valid until the next call; null when it is to be played as it is.
    /// </summary>
    /// <param name="windowId">Its window.</param>
    /// <param name="line">The event: valid JSON on one line.</param>
    /// <param name="size">The window's size so far, if the recording has said it.</param>
    public MobileEvents? Turn(string windowId, ReadOnlyMemory<byte> line, ViewportSize? size)
    {
        ReadOnlySpan<byte> json = line.Span;
        MobileWindow? window = _windows.GetValueOrDefault(windowId);
        // Nearly all recordings are of web pages, so this must cost little.
        bool isMobile = window is not null || json.IndexOf("\"wireframe"u8) >= 0;
        if (!isMobile && json.IndexOf("\"keyboard\""u8) < 0 && !MayBeBrokenPicture(json))
        {
            return null;
        }

        _output.Clear();
        try
        {
            using JsonDocument document = JsonDocument.Parse(line, Options);
            MobileWindow? Made() => window ?? Make(windowId, size);
            return Turn(window, Made, isMobile, document.RootElement, json) ? _output : null;
        }
        catch (Exception odd) when (odd is JsonException or InvalidOperationException or ArgumentException)
        {
            // For example a name with half of a surrogate pair. SDKs do not send it, and players can't show it.
            _output.Clear();
            return _output;
        }
    }

    /// <summary>The sizes of the windows so far that have wireframes.</summary>
    public IEnumerable<(string WindowId, ViewportSize Size)> Sizes =>
        _windows.Where(window => window.Value.Size.IsShown).Select(window => (window.Key, window.Value.Size));

    public void Dispose() => _output.Dispose();

    /// <summary>Whether it may be a full snapshot without a document, at which players break.</summary>
    private static bool MayBeBrokenPicture(ReadOnlySpan<byte> json)
    {
        if (json.IndexOf("\"childNodes\""u8) >= 0)
        {
            return false;
        }

        for (int at; (at = json.IndexOf("\"type\""u8)) >= 0;)
        {
            json = json[(at + "\"type\""u8.Length)..].TrimStart(" :"u8);
            if (json.Length > 1 && json[0] == (byte)'2' && !char.IsAsciiDigit((char)json[1]))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether the output is to be played; false when the event is to be played as it is.</summary>
    private bool Turn(MobileWindow? window, Func<MobileWindow?> made, bool isMobile, JsonElement root, ReadOnlySpan<byte> json)
    {
        JsonElement data = root.Get("data"u8);
        JsonElement time = root.Get("timestamp"u8);
        switch (root.Get("type"u8).Number())
        {
            case 2 when data.Get("node"u8).Get("childNodes"u8).ValueKind == JsonValueKind.Array:
                window?.BecomeWeb();
                return false;
            case 2:
                // A full snapshot in an unknown form is left out, because players break at it.
                if (data.Get("wireframes"u8).ValueKind == JsonValueKind.Array)
                {
                    made()?.Full(data, time, _output);
                }

                return true;
            case 3 when isMobile && (window is { IsMobile: true } || HasWireframes(data)):
                made()?.Incremental(data, time, _output);
                return true;
            case 4:
                window?.Sized(data);
                return false;
            case 5 when data.Get("tag"u8).Text() == "keyboard":
                made()?.Keyboard(data.Get("payload"u8), time, _output);
                _output.AddAsReceived(json);
                return true;
            default:
                return false;
        }
    }

    private static bool HasWireframes(JsonElement data) =>
        data.Get("adds"u8).Items().Concat(data.Get("updates"u8).Items()).Any(item => item.Get("wireframe"u8).ValueKind != JsonValueKind.Undefined);

    private MobileWindow? Make(string windowId, ViewportSize? size)
    {
        if (_windows.Count >= MaxWindows)
        {
            return null;
        }

        var made = new MobileWindow(_room, size);
        _windows.Add(windowId, made);
        return made;
    }
}
