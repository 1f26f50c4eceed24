using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sessions.Domain.Replay;

/// <summary>
/// The summary of a replay block. The block's bytes stay where they were written; the summary goes into the journal.
/// </summary>
public sealed record ReplaySummary
{
    /// <summary>The block's id.</summary>
    public required Guid Block { get; init; }

    /// <summary>The server day on which the block was written.</summary>
    public required DateOnly Born { get; init; }

    /// <summary>The time of the block's first event in milliseconds since 1970, by the server's clock.</summary>
    public required long StartMs { get; init; }

    /// <summary>The time of the block's last event, in the same unit.</summary>
    public required long EndMs { get; init; }

    /// <summary>
    /// The milliseconds by which the client's clock is behind the server's. Add them to the times in the block.
    /// </summary>
    public long SkewMs { get; init; }

    public int Clicks { get; init; }
    public int Keypresses { get; init; }
    public int MouseActivity { get; init; }
    public long ActiveMs { get; init; }
    public int ConsoleLogs { get; init; }
    public int ConsoleWarns { get; init; }
    public int ConsoleErrors { get; init; }

    /// <summary>The number of rrweb events.</summary>
    public required int Events { get; init; }

    /// <summary>The uncompressed size of the events in bytes, as lines of JSON.</summary>
    public required long Bytes { get; init; }

    /// <summary>The first URL in the block.</summary>
    public string? FirstUrl { get; init; }

    /// <summary><c>web</c> or <c>mobile</c>.</summary>
    public string? Source { get; init; }

    /// <summary>The SDK that recorded the block.</summary>
    public string? Library { get; init; }

    /// <summary>
    /// The number of full snapshots that players can show; null in summaries that were written before this was counted.
    /// </summary>
    public int? FullSnapshots { get; init; }

    /// <summary>How many of them are of a phone's screen.</summary>
    public int MobileSnapshots { get; init; }

    /// <summary>Whether the block has a full snapshot in an unknown form, or no event of a kind that rrweb has.</summary>
    public bool UnknownFormat { get; init; }

    /// <summary>Whether its clicks are on elements of pages. Those of phones' screens have no targets.</summary>
    [JsonIgnore]
    public bool HasTargets => Source != "mobile" && MobileSnapshots == 0;

    /// <summary>Computes a block's summary.</summary>
    /// <param name="block">The block.</param>
    /// <param name="born">The server day on which it is written.</param>
    /// <param name="skewMs">The milliseconds to add to the client's times.</param>
    /// <param name="events">The block's events in the order of their times, at least one.</param>
    /// <param name="bytes">The uncompressed size of the events in bytes, as lines of JSON.</param>
    public static ReplaySummary Of(
        Guid block, DateOnly born, long skewMs, IReadOnlyList<ReplayFacts> events, long bytes) => new()
        {
            Block = block,
            Born = born,
            StartMs = Shift(events[0].TimeMs, skewMs),
            EndMs = Shift(events[^1].TimeMs, skewMs),
            SkewMs = skewMs,
            Clicks = events.Count(happened => happened.IsClick),
            Keypresses = events.Count(happened => happened.IsKeypress),
            MouseActivity = events.Count(happened => happened.IsMouseActivity),
            ActiveMs = ReplayActivity.ActiveMs(events),
            ConsoleLogs = events.Count(happened => happened.Console == ConsoleLevel.Log),
            ConsoleWarns = events.Count(happened => happened.Console == ConsoleLevel.Warn),
            ConsoleErrors = events.Count(happened => happened.Console == ConsoleLevel.Error),
            Events = events.Count,
            Bytes = bytes,
            FirstUrl = events.FirstOrDefault(happened => happened.Href is not null).Href,
            FullSnapshots = events.Count(happened => happened.Picture is PictureKind.Web or PictureKind.Mobile),
            MobileSnapshots = events.Count(happened => happened.Picture == PictureKind.Mobile),
            UnknownFormat = events.Any(happened => happened.Picture == PictureKind.Unknown) || !events.Any(happened => happened.IsKnown),
        };

    /// <summary>Writes the summary as the journal stores it.</summary>
    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, ReplayJson.Default.ReplaySummary);

    /// <summary>Reads a summary. False when the bytes are not a summary or have impossible values.</summary>
    public static bool TryRead(ReadOnlySpan<byte> json, [NotNullWhen(true)] out ReplaySummary? summary)
    {
        try
        {
            summary = JsonSerializer.Deserialize(json, ReplayJson.Default.ReplaySummary);
        }
        catch (JsonException)
        {
            summary = null;
        }

        if (summary is not null && !summary.IsSound)
        {
            summary = null;
        }

        return summary is not null;
    }

    /// <summary>Converts a client's time to the server's clock.</summary>
    public static long Shift(long timeMs, long skewMs) =>
        Math.Clamp(timeMs + skewMs, 1, ReplayFactsReader.MaxTimeMs);

    private bool IsSound =>
        StartMs >= 1 && EndMs >= StartMs && EndMs <= ReplayFactsReader.MaxTimeMs && Events >= 1 && Bytes >= 0
        && ActiveMs >= 0 && Clicks >= 0 && Keypresses >= 0 && MouseActivity >= 0
        && ConsoleLogs >= 0 && ConsoleWarns >= 0 && ConsoleErrors >= 0
        && (FullSnapshots ?? 0) >= 0 && MobileSnapshots >= 0;
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(ReplaySummary))]
internal sealed partial class ReplayJson : JsonSerializerContext;
