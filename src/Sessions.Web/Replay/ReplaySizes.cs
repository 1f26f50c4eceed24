using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sessions.Domain.Replay;
using Sessions.Queries;

namespace Sessions.Web.Replay;

/// <summary>
/// Makes sure that each window of a replay has a size before its first picture, because players show nothing of a
/// window without one. A recording may lack rrweb's Meta event, or a hidden tab may have sent no size in it. Then the
/// size comes from other events of the window, from the session's events, or it is the default.
/// </summary>
/// <param name="queries">Reads the recording.</param>
/// <param name="session">The session of the replay.</param>
/// <param name="part">The part that is played.</param>
/// <param name="blocks">The blocks of that part.</param>
/// <param name="maxReadBytes">About how many bytes of events are read at a time.</param>
/// <param name="cancellation">Cancels the reading.</param>
internal sealed class ReplaySizes(
    ReplayQueries queries,
    SessionKey session,
    ReplayPart part,
    IReadOnlyList<ReplayBlockRef> blocks,
    long maxReadBytes,
    CancellationToken cancellation)
{
    // An event with a size is short, except for the address in it. Changes of a page also contain widths, and may be
    // long.
    private const int MaxSizedBytes = 16 * 1024;

    // The current size of each window.
    private readonly Dictionary<string, ViewportSize> _sizes = [];

    // The windows whose size the recording does not say.
    private readonly HashSet<string> _guessed = [];
    private Dictionary<string, Found>? _found;

    /// <summary>The size of a window so far; null when the recording has not said it.</summary>
    public ViewportSize? SaidOf(string windowId) =>
        _sizes.TryGetValue(windowId, out ViewportSize size) && !_guessed.Contains(windowId) ? size : null;

    /// <summary>Keeps a size that an earlier part of the recording has said.</summary>
    public void Keep(string windowId, ViewportSize size)
    {
        _sizes[windowId] = size;
        _guessed.Remove(windowId);
    }

    /// <summary>Returns the event to play, and an event to play before it.</summary>
    /// <param name="windowId">Its window.</param>
    /// <param name="line">The event, its compressed parts undone.</param>
    public ValueTask<(byte[]? Before, ReadOnlyMemory<byte> Line)> Fit(string windowId, ReadOnlyMemory<byte> line)
    {
        bool hasSize = _sizes.ContainsKey(windowId);
        // The first event of a window nearly always has the size, and the others are not read.
        if (hasSize && !MaySaySize(line.Span))
        {
            return new((null, line));
        }

        SizedEvent sized = SizedEvent.Read(line.Span);
        if (sized is { Kind: SizedKind.Size, Size.IsShown: true })
        {
            Keep(windowId, sized.Size);
        }

        return sized.Kind switch
        {
            SizedKind.Size when !sized.Size.IsShown => FillIn(windowId, line),
            SizedKind.Picture when !hasSize => Precede(windowId, line, sized),
            _ => new((null, line)),
        };
    }

    private static bool MaySaySize(ReadOnlySpan<byte> line) =>
        line.Length <= MaxSizedBytes && (line.IndexOf("\"width\""u8) >= 0 || line.IndexOf("\"href\""u8) >= 0);

    private async ValueTask<(byte[]? Before, ReadOnlyMemory<byte> Line)> FillIn(string windowId, ReadOnlyMemory<byte> line)
    {
        ViewportSize size = await SizeOf(windowId);
        try
        {
            JsonNode happened = JsonNode.Parse(line.Span)!;
            happened["data"]!["width"] = size.Width;
            happened["data"]!["height"] = size.Height;
            return (null, Encoding.UTF8.GetBytes(happened.ToJsonString()));
        }
        catch (Exception odd) when (odd is JsonException or ArgumentException or InvalidOperationException)
        {
            // It has a name twice, or a nesting that rrweb never makes.
            return (null, MetaOf(size, SizedEvent.Read(line.Span).TimeMs));
        }
    }

    private async ValueTask<(byte[]? Before, ReadOnlyMemory<byte> Line)> Precede(
        string windowId, ReadOnlyMemory<byte> line, SizedEvent picture)
    {
        if (picture.Size.IsShown)
        {
            _sizes[windowId] = picture.Size;
        }

        return (MetaOf(await SizeOf(windowId), picture.TimeMs), line);
    }

    private static byte[] MetaOf(ViewportSize size, double timeMs) => Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $$$"""{"type":4,"data":{"href":"","width":{{{size.Width}}},"height":{{{size.Height}}}},"timestamp":{{{timeMs}}}}"""));

    private async ValueTask<ViewportSize> SizeOf(string windowId)
    {
        if (!_sizes.TryGetValue(windowId, out ViewportSize size))
        {
            _found ??= await LookThrough();
            Found found = _found.GetValueOrDefault(windowId);
            if ((found.Earlier ?? found.First) is { } said)
            {
                size = said;
            }
            else
            {
                size = await OfEvents(windowId) ?? ViewportSize.Usual;
                _guessed.Add(windowId);
            }

            _sizes.Add(windowId, size);
        }

        return size;
    }

    /// <summary>
    /// Reads the sizes of each window in the whole recording. One pass for all windows, and only for recordings in
    /// which a window begins without a size.
    /// </summary>
    private async Task<Dictionary<string, Found>> LookThrough()
    {
        HashSet<int> played = [.. blocks.Select(block => block.Number)];
        Dictionary<string, Found> windows = [];
        IReadOnlyList<ReplayBlockRef> all = await queries.List(session, after: 0, cancellation);
        await foreach (StoredReplayBlock stored in queries.Read(session, all, maxReadBytes, cancellation))
        {
            using var block = new OpenReplayBlock(stored, place: 0);
            while (block.Next())
            {
                if (MaySaySize(block.Line.Span)
                    && SizedEvent.Read(block.Line.Span) is { Kind: SizedKind.Size, Size: { IsShown: true } size } sized)
                {
                    long timeMs = ReplaySummary.Shift((long)sized.TimeMs, block.Ref.SkewMs);
                    bool isEarlier = timeMs < part.FromMs || !played.Contains(block.Ref.Number);
                    windows[stored.WindowId] = windows.GetValueOrDefault(stored.WindowId).With(size, timeMs, isEarlier);
                }
            }
        }

        return windows;
    }

    private async Task<ViewportSize?> OfEvents(string windowId) =>
        await queries.Viewport(session, windowId, cancellation) is { } viewport
            && new ViewportSize(viewport.Width, viewport.Height) is { IsShown: true } size
            ? size
            : null;

    /// <summary>The sizes of a window.</summary>
    /// <param name="Earlier">The last size before the part that is played.</param>
    /// <param name="EarlierMs">Its time.</param>
    /// <param name="First">The first size in that part.</param>
    /// <param name="FirstMs">Its time.</param>
    private readonly record struct Found(ViewportSize? Earlier, long EarlierMs, ViewportSize? First, long FirstMs)
    {
        public Found With(ViewportSize size, long timeMs, bool isEarlier)
        {
            if (isEarlier)
            {
                return Earlier is null || timeMs >= EarlierMs ? this with { Earlier = size, EarlierMs = timeMs } : this;
            }

            return First is null || timeMs < FirstMs ? this with { First = size, FirstMs = timeMs } : this;
        }
    }
}
