using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Sessions.Domain.UserAgents;

namespace Sessions.Domain;

/// <summary>Reads <see cref="EventFacts"/> out of an event's properties in one pass, without a document in memory.</summary>
public static class EventFactsReader
{
    /// <summary>
    /// The longest text taken into a session, in characters; the event itself keeps the whole. Without a limit one
    /// event of a megabyte would be copied into every checkpoint of its session.
    /// </summary>
    public const int MaxTextLength = 2_048;

    // In bytes; a longer one is read all the same.
    private const int UsualNumberLength = 64;

    // Deep enough for whatever gets here: the gateway refuses deeper events by its own, lower limit.
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 10_000 };

    private enum Fact
    {
        CurrentUrl, ScreenName, ReferringDomain, UtmSource, UtmCampaign, UtmMedium, UtmTerm, UtmContent, ExternalClickUrl,
        DeviceType, Browser, Os, UserAgent, RawUserAgent, Country, IsIdentified, IdleTimeout, FirstAdId,
    }

    private static readonly (byte[] Name, Fact Fact)[][] ByLength = IndexByLength();

    // Reading waits for nothing, so a thread needs one.
    [ThreadStatic]
    private static string?[]? _texts;

    /// <summary>Reads the facts; false when the bytes are no JSON object.</summary>
    public static bool TryRead(ReadOnlySpan<byte> properties, out EventFacts facts)
    {
        facts = EventFacts.None;
        if (properties.IsEmpty)
        {
            return true;
        }

        try
        {
            return Read(properties, ref facts);
        }
        catch (JsonException)
        {
            return false;
        }
        catch (InvalidOperationException)
        {
            // A lone surrogate: legal for the reader to pass over, but no text.
            return false;
        }
    }

    private static bool Read(ReadOnlySpan<byte> properties, ref EventFacts facts)
    {
        var reader = new Utf8JsonReader(properties, Options);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        string?[] texts = _texts ??= new string?[(int)Fact.FirstAdId + AdIds.Names.Count];
        texts.AsSpan().Clear();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            Fact? fact = Find(ref reader);
            reader.Read();
            if (fact is null)
            {
                reader.Skip();
            }
            else
            {
                texts[(int)fact.Value] = Text(ref reader);
            }
        }

        while (reader.Read())
        {
            // What follows the object is refused by the reader: it throws.
        }

        facts = ToFacts(texts);
        return true;
    }

    private static Fact? Find(ref Utf8JsonReader reader)
    {
        if (reader.ValueIsEscaped)
        {
            string name = reader.GetString()!;
            foreach ((byte[] Name, Fact Fact)[] row in ByLength)
            {
                foreach ((byte[] candidate, Fact fact) in row)
                {
                    if (Encoding.UTF8.GetString(candidate) == name)
                    {
                        return fact;
                    }
                }
            }

            return null;
        }

        ReadOnlySpan<byte> span = reader.ValueSpan;
        if (span.Length < ByLength.Length)
        {
            foreach ((byte[] candidate, Fact fact) in ByLength[span.Length])
            {
                if (span.SequenceEqual(candidate))
                {
                    return fact;
                }
            }
        }

        return null;
    }

    /// <summary>A scalar as text; null when it is absent by the rules, or no scalar.</summary>
    private static string? Text(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                string text = ReadString(ref reader);
                return text.Length == 0 || text == "null" ? null : Cut(text);
            case JsonTokenType.Number:
                return Cut(Encoding.UTF8.GetString(reader.ValueSpan));
            case JsonTokenType.True:
                return "true";
            case JsonTokenType.False:
                return "false";
            default:
                reader.Skip();
                return null;
        }
    }

    private static string ReadString(ref Utf8JsonReader reader)
    {
        if (reader.ValueIsEscaped)
        {
            return reader.GetString()!;
        }

        return SharedText.Find(reader.ValueSpan, out int place) ?? SharedText.Remember(reader.GetString()!, place);
    }

    private static string Cut(string text)
    {
        if (text.Length <= MaxTextLength)
        {
            return text;
        }

        int end = char.IsHighSurrogate(text[MaxTextLength - 1]) ? MaxTextLength - 1 : MaxTextLength;
        return text[..end];
    }

    private static EventFacts ToFacts(ReadOnlySpan<string?> texts)
    {
        ReadOnlySpan<string?> adIds = texts[(int)Fact.FirstAdId..];
        UserAgentFacts agent = ReadAgent(texts);
        bool hasAdId = adIds.ContainsAnyExcept((string?)null);
        return new EventFacts
        {
            CurrentUrl = texts[(int)Fact.CurrentUrl],
            ScreenName = texts[(int)Fact.ScreenName],
            ReferringDomain = texts[(int)Fact.ReferringDomain],
            UtmSource = texts[(int)Fact.UtmSource],
            UtmCampaign = texts[(int)Fact.UtmCampaign],
            UtmMedium = texts[(int)Fact.UtmMedium],
            UtmTerm = texts[(int)Fact.UtmTerm],
            UtmContent = texts[(int)Fact.UtmContent],
            AdIdValues = hasAdId ? adIds.ToArray() : null,
            ExternalClickUrl = texts[(int)Fact.ExternalClickUrl],
            DeviceType = texts[(int)Fact.DeviceType] ?? agent.DeviceType,
            Browser = texts[(int)Fact.Browser] ?? agent.Browser,
            Os = texts[(int)Fact.Os] ?? agent.Os,
            Country = texts[(int)Fact.Country],
            IsIdentified = texts[(int)Fact.IsIdentified] == "true",
            IdleTimeout = ReadIdleTimeout(texts[(int)Fact.IdleTimeout]),
        };
    }

    /// <summary>What SDKs on servers leave to the user agent; those in browsers say it all themselves.</summary>
    private static UserAgentFacts ReadAgent(ReadOnlySpan<string?> texts) =>
        texts[(int)Fact.Browser] is null || texts[(int)Fact.Os] is null || texts[(int)Fact.DeviceType] is null
            ? UserAgents.UserAgent.Read(texts[(int)Fact.RawUserAgent] ?? texts[(int)Fact.UserAgent])
            : default;

    /// <summary>PostHog: an idle timeout outside 60 s to 10 h is clamped; what is no number is the default.</summary>
    private static TimeSpan? ReadIdleTimeout(string? text)
    {
        if (text is null)
        {
            return null;
        }

        Span<byte> room = stackalloc byte[UsualNumberLength];
        ReadOnlySpan<byte> utf8 = Encoding.UTF8.TryGetBytes(text, room, out int length) ? room[..length] : Encoding.UTF8.GetBytes(text);
        if (!Utf8Parser.TryParse(utf8, out double milliseconds, out int used)
            || used != utf8.Length
            || !double.IsFinite(milliseconds)
            || milliseconds <= 0)
        {
            return null;
        }

        return TimeSpan.FromMilliseconds(Math.Clamp(
            milliseconds,
            SessionRules.MinIdleTimeout.TotalMilliseconds,
            SessionRules.MaxIdleTimeout.TotalMilliseconds));
    }

    private static (byte[] Name, Fact Fact)[][] IndexByLength()
    {
        List<(string Name, Fact Fact)> names =
        [
            ("$current_url", Fact.CurrentUrl),
            ("$screen_name", Fact.ScreenName),
            ("$referring_domain", Fact.ReferringDomain),
            ("utm_source", Fact.UtmSource),
            ("utm_campaign", Fact.UtmCampaign),
            ("utm_medium", Fact.UtmMedium),
            ("utm_term", Fact.UtmTerm),
            ("utm_content", Fact.UtmContent),
            ("$external_click_url", Fact.ExternalClickUrl),
            ("$device_type", Fact.DeviceType),
            ("$browser", Fact.Browser),
            ("$os", Fact.Os),
            ("$user_agent", Fact.UserAgent),
            ("$raw_user_agent", Fact.RawUserAgent),
            ("$geoip_country_code", Fact.Country),
            ("$is_identified", Fact.IsIdentified),
            ("$configured_session_timeout_ms", Fact.IdleTimeout),
            .. AdIds.Names.Select((name, index) => (name, Fact.FirstAdId + index)),
        ];
        return Enumerable.Range(0, names.Max(name => name.Name.Length) + 1)
            .Select(length => names
                .Where(name => name.Name.Length == length)
                .Select(name => (Encoding.UTF8.GetBytes(name.Name), name.Fact))
                .ToArray())
            .ToArray();
    }
}
