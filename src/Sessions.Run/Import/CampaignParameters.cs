using System.Text;

namespace Sessions.Run.Import;

/// <summary>Reads campaigns and ad ids from a page's address, exactly as posthog-js does.</summary>
internal static class CampaignParameters
{
    // posthog-js keeps a value with broken escapes as it is, so bytes that are not UTF-8 must be detected.
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The names of the parameters that posthog-js reads.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term", .. AdIds.Names, "rdt_cid", "oppref", "bfcid",
    ];

    /// <summary>
    /// The value of the first parameter with exactly this name, case-sensitive and without escapes; null when it is
    /// missing or empty. A plus is a space. Escapes are decoded, unless one of them is broken: then the value stays as
    /// it is.
    /// </summary>
    /// <param name="url">An address that contains only ASCII.</param>
    /// <param name="name">The parameter's name.</param>
    public static string? Find(string url, string name)
    {
        ReadOnlySpan<char> query = url;
        int hash = query.IndexOf('#');
        query = hash < 0 ? query : query[..hash];
        int mark = query.IndexOf('?');
        query = mark < 0 ? [] : query[(mark + 1)..].TrimStart('?');
        foreach (Range range in query.Split('&'))
        {
            ReadOnlySpan<char> part = query[range];
            int equals = part.IndexOf('=');
            if (part[..(equals < 0 ? part.Length : equals)].SequenceEqual(name))
            {
                string value = equals < 0 ? "" : Decode(part[(equals + 1)..].ToString().Replace('+', ' '));
                return value.Length == 0 ? null : value;
            }
        }

        return null;
    }

    private static string Decode(string value)
    {
        if (!value.Contains('%'))
        {
            return value;
        }

        var bytes = new List<byte>(value.Length);
        for (int i = 0; i < value.Length; i++)
        {
            if (value[i] != '%')
            {
                bytes.Add((byte)value[i]);
            }
            else if (i + 2 < value.Length && char.IsAsciiHexDigit(value[i + 1]) && char.IsAsciiHexDigit(value[i + 2]))
            {
                bytes.Add(Convert.ToByte(value.Substring(i + 1, 2), 16));
                i += 2;
            }
            else
            {
                return value;
            }
        }

        try
        {
            return Strict.GetString([.. bytes]);
        }
        catch (ArgumentException)
        {
            return value;
        }
    }
}
