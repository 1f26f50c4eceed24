using System.Text.Json;

namespace Sessions.Domain.Replay.Clicks;

/// <summary>Reads single values of rrweb events, in which anything may stand.</summary>
internal static class RrwebValue
{
    /// <summary>A whole number; null for anything else. Afterwards the reader is at the last token of the value.</summary>
    public static int? Whole(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Number)
        {
            return reader.TryGetInt32(out int whole) ? whole : null;
        }

        reader.Skip();
        return null;
    }

    /// <summary>A number; null for anything else. Afterwards the reader is at the last token of the value.</summary>
    public static double? Number(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Number)
        {
            return reader.TryGetDouble(out double number) && double.IsFinite(number) ? number : null;
        }

        reader.Skip();
        return null;
    }
}
