using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sessions.Domain.Replay.Clicks;

/// <summary>What is wrong with a click.</summary>
public enum ClickTrouble
{
    /// <summary>The last click of three at one place within a second.</summary>
    Rage,

    /// <summary>A click on something clickable after which nothing changed.</summary>
    Dead,
}

/// <summary>A rage or dead click that was found in a recording.</summary>
/// <param name="Trouble">What is wrong with it.</param>
/// <param name="WindowId">The window in which it is.</param>
/// <param name="TimeMs">Its time in milliseconds since 1970, by the server's clock.</param>
public sealed record FoundClick(ClickTrouble Trouble, string WindowId, long TimeMs);

/// <summary>
/// The rage and dead clicks in a session's recording up to one of its blocks. The session's journal keeps them. A later
/// search, which has looked at more blocks, takes the place of an earlier one: so nothing counts twice.
/// </summary>
public sealed record ReplayClicks
{
    /// <summary>The most clicks whose times are kept.</summary>
    public const int MaxPlaces = 200;

    /// <summary>The journal number of the last block that was looked at.</summary>
    public required int UpTo { get; init; }

    /// <summary>The number of rage clicks.</summary>
    public int Rage { get; init; }

    /// <summary>The number of dead clicks.</summary>
    public int Dead { get; init; }

    /// <summary>The earliest of them, in the order of their times; null without any.</summary>
    public IReadOnlyList<FoundClick>? Places { get; init; }

    /// <summary>Writes them as the journal stores them.</summary>
    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, ReplayClicksJson.Default.ReplayClicks);

    /// <summary>Reads them. False when the bytes are something else or have impossible values.</summary>
    public static bool TryRead(ReadOnlySpan<byte> json, [NotNullWhen(true)] out ReplayClicks? clicks)
    {
        try
        {
            clicks = JsonSerializer.Deserialize(json, ReplayClicksJson.Default.ReplayClicks);
        }
        catch (JsonException)
        {
            clicks = null;
        }

        clicks = clicks is { UpTo: >= 1, Rage: >= 0, Dead: >= 0 } ? clicks : null;
        return clicks is not null;
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(ReplayClicks))]
internal sealed partial class ReplayClicksJson : JsonSerializerContext;
