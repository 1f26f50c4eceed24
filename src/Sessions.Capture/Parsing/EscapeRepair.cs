namespace Sessions.Capture.Parsing;

/// <summary>
/// Replaces the escapes that Postgres refuses (NUL and lone surrogates) with U+FFFD. Both are six bytes long, so the
/// replacement happens in place.
/// </summary>
internal static class EscapeRepair
{
    /// <param name="json">Valid JSON, in which a backslash is always an escape.</param>
    public static void InPlace(Span<byte> json)
    {
        for (int at = json.IndexOf((byte)'\\'); at >= 0; at = json.IndexOf((byte)'\\'))
        {
            json = json[at..];
            if (json[1] != 'u')
            {
                json = json[2..];
                continue;
            }

            char unit = JsonText.CodeUnit(json[2..6]);
            if (char.IsHighSurrogate(unit) && IsLowSurrogate(json[6..]))
            {
                json = json[12..];
                continue;
            }

            if (unit == '\0' || char.IsSurrogate(unit))
            {
                "FFFD"u8.CopyTo(json[2..]);
            }

            json = json[6..];
        }
    }

    private static bool IsLowSurrogate(ReadOnlySpan<byte> json) =>
        json.Length >= 6 && json[0] == '\\' && json[1] == 'u' && char.IsLowSurrogate(JsonText.CodeUnit(json[2..6]));
}
