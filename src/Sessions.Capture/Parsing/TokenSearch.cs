namespace Sessions.Capture.Parsing;

/// <summary>
/// Looks for a known token in a large body before the body is parsed. Parsing takes most of a request's time, and a gzip of
/// 70 KiB can hold a body that takes half a second. So a body that can't have a valid token must not get that far.
/// </summary>
internal static class TokenSearch
{
    /// <summary>Bodies up to this size are parsed at once: that takes some milliseconds.</summary>
    public const int LargestUnsearched = 1 << 20;

    // A body has its token in its first event, or beside the list of events, before or after it. Members of the same name
    // in events and properties come between, but not this many.
    private const int MostMembers = 1_000;

    // A token with escapes and white space around it is shorter.
    private const int LongestValue = 1_000;

    // The unknown tokens of a body that may be new ones.
    private const int MostUnknown = 100;

    /// <summary>Refuses a large body without a known token.</summary>
    /// <exception cref="CaptureRefusedException">
    /// The body has no known token: 401. Or the tokens are not loaded yet: 503.
    /// </exception>
    public static void Require(ReadOnlySpan<byte> json, ITokenDirectory tokens)
    {
        HashSet<string> unknown = [];
        // The ends of the names "token", "$token" and "api_key".
        if (json.Length > LargestUnsearched && !Has(json, "token\""u8, tokens, unknown) && !Has(json, "api_key\""u8, tokens, unknown))
        {
            throw new CaptureRefusedException(CaptureRefusal.UnknownToken(
                "The body has no valid project token. Set 'api_key' or 'token'.", unknown));
        }
    }

    private static bool Has(ReadOnlySpan<byte> json, ReadOnlySpan<byte> name, ITokenDirectory tokens, HashSet<string> unknown)
    {
        ReadOnlySpan<byte> left = json;
        int most = unknown.Count + (MostUnknown / 4);
        for (int looks = 0; looks < MostMembers && left.IndexOf(name) is >= 0 and int found; looks++)
        {
            left = left[(found + name.Length)..];
            if (IsKnown(left, tokens, unknown, most))
            {
                return true;
            }
        }

        most = unknown.Count + (MostUnknown / 4);
        for (int looks = 0; looks < MostMembers && left.LastIndexOf(name) is >= 0 and int found; looks++)
        {
            if (IsKnown(left[(found + name.Length)..], tokens, unknown, most))
            {
                return true;
            }

            left = left[..found];
        }

        return false;
    }

    /// <summary>Whether the value after a name is a known token.</summary>
    private static bool IsKnown(ReadOnlySpan<byte> afterName, ITokenDirectory tokens, HashSet<string> unknown, int mostUnknown)
    {
        ReadOnlySpan<byte> value = afterName[..Math.Min(afterName.Length, LongestValue)].TrimStart(" \t\r\n"u8);
        if (value.IsEmpty || value[0] != (byte)':')
        {
            return false;
        }

        value = value[1..].TrimStart(" \t\r\n"u8);
        if (value.IsEmpty || value[0] != (byte)'"')
        {
            return false;
        }

        value = value[1..];
        int end = value.IndexOfAny((byte)'"', (byte)'\\');
        bool isEscaped = end >= 0 && value[end] == (byte)'\\';
        while (end >= 0 && value[end] == (byte)'\\')
        {
            int next = end + 2 < value.Length ? value[(end + 2)..].IndexOfAny((byte)'"', (byte)'\\') : -1;
            end = next < 0 ? -1 : end + 2 + next;
        }

        if (end < 0 || ProjectTokens.Trim(JsonText.Read(value[..end], isEscaped, LongestValue)) is not { } token)
        {
            return false;
        }

        if (ProjectTokens.Know(token, tokens) is not null)
        {
            return true;
        }

        if (unknown.Count < mostUnknown && ProjectTokens.IsToken(token))
        {
            unknown.Add(token);
        }

        return false;
    }
}
