using System.Text.Json;
using System.Text.Json.Serialization;
using Sessions.Domain.Events;

namespace Sessions.Domain.Folding;

/// <summary>Converts a fold's state to bytes for its checkpoint, and back.</summary>
public static class FoldCodec
{
    /// <summary>Writes a state.</summary>
    public static byte[] Write(SessionState state) =>
        JsonSerializer.SerializeToUtf8Bytes(state, FoldJson.Default.SessionState);

    /// <summary>
    /// Reads a state. Null when the bytes have another version or are damaged, also when they are a state that no fold has
    /// written: then the journal must be folded again.
    /// </summary>
    public static SessionState? TryRead(short foldVersion, ReadOnlySpan<byte> bytes)
    {
        if (foldVersion != SessionFold.FoldVersion)
        {
            return null;
        }

        try
        {
            SessionState? state = JsonSerializer.Deserialize(bytes, FoldJson.Default.SessionState);
            return state is not null && IsSound(state) ? state : null;
        }
        catch (Exception damaged) when (damaged is JsonException or NotSupportedException or ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Whether a fold can have written the state. Rules and rows rely on all of it.</summary>
    private static bool IsSound(SessionState state) =>
        state.Number >= 1
        && state.Start <= state.End
        && Enum.IsDefined(state.Status)
        && (state.EndReason is { } reason ? state.Status == SessionStatus.Ended && Enum.IsDefined(reason) : state.Status == SessionStatus.Live)
        && state.EventCount >= 0 && state.PageviewCount >= 0 && state.ScreenCount >= 0 && state.AutocaptureCount >= 0
        && state.RageClickCount >= 0 && state.DeadClickCount >= 0
        && state.ReplayBlockCount >= 0
        && !state.UrlHashes.IsDefault
        && FirstNames.AreSound(state.EventNames)
        && IsSound(state.Entry.Facts)
        && state.DistinctId.Value is not null
        && HasValue(state.DeviceId) && HasValue(state.IdentifiedAs) && HasValue(state.LastExternalClickUrl)
        && HasValue(state.DeviceType) && HasValue(state.Browser) && HasValue(state.Os) && HasValue(state.Country)
        && (state.Replay is not { } replay || (replay.Start <= replay.End && replay.Blocks >= 1 && replay.IsSound));

    private static bool IsSound(EventFacts? facts) =>
        facts is not null
        && (facts.AdIdValues?.Count ?? 0) <= AdIds.Names.Count
        && (facts.StartPageTextValues?.Count ?? 0) <= StartPageTexts.Names.Count;

    private static bool HasValue(Dated<string>? dated) => dated is null or { Value: not null };
}

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(SessionState))]
internal sealed partial class FoldJson : JsonSerializerContext;
