using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Sessions.Domain.UserAgents;

namespace Sessions.Domain.Events;

/// <summary>
/// Reads <see cref="EventFacts"/> from an event's properties in one pass, without building a document in memory.
/// </summary>
public static class EventFactsReader
{
    /// <summary>
    /// The longest text that is copied into a session, in characters. The event itself keeps the whole text. Without a
    /// limit, an event of a megabyte would be copied into every checkpoint of its session.
    /// </summary>
    public const int MaxTextLength = 2_048;

    // In bytes. Longer numbers are read too, with an allocation.
    private const int UsualNumberLength = 64;

    // Deep enough for every event: the gateway has a lower limit.
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 10_000 };

    private enum Fact
    {
        CurrentUrl, ScreenName, ReferringDomain, UtmSource, UtmCampaign, UtmMedium, UtmTerm, UtmContent, ExternalClickUrl,
        DeviceType, Browser, Os, UserAgent, RawUserAgent, Country, IsIdentified, IdleTimeout, FirstAdId,
    }

    private static readonly Fact FirstStartPageText = Fact.FirstAdId + AdIds.Names.Count;

    private static readonly (byte[] Name, Fact Fact)[][] ByLength = IndexByLength();

    // Reading is synchronous, so one for each thread is enough.
    [ThreadStatic]
    private static string?[]? _texts;

    /// <summary>Reads the facts. False when the bytes are not a JSON object.</summary>
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
            // A lone surrogate: the JSON reader skips it, but it is not valid text.
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

        string?[] texts = _texts ??= new string?[(int)FirstStartPageText + StartPageTexts.Names.Count];
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
            // The reader throws when anything follows the object.
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

    /// <summary>Reads a scalar as text; null when the value counts as missing or is not a scalar.</summary>
    private static string? Text(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                string text = ReadString(ref reader);
                return text.Length == 0 || text == "null" ? null : IdText.Cut(text, MaxTextLength);
            case JsonTokenType.Number:
                return IdText.Cut(Encoding.UTF8.GetString(reader.ValueSpan), MaxTextLength);
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

    private static EventFacts ToFacts(ReadOnlySpan<string?> texts)
    {
        UserAgentFacts agent = ReadAgent(texts);
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
            AdIdValues = AnyOf(texts[(int)Fact.FirstAdId..(int)FirstStartPageText]),
            StartPageTextValues = AnyOf(texts[(int)FirstStartPageText..]),
            ExternalClickUrl = texts[(int)Fact.ExternalClickUrl],
            DeviceType = texts[(int)Fact.DeviceType] ?? agent.DeviceType,
            Browser = texts[(int)Fact.Browser] ?? agent.Browser,
            Os = texts[(int)Fact.Os] ?? agent.Os,
            Country = texts[(int)Fact.Country],
            IsIdentified = texts[(int)Fact.IsIdentified] == "true",
            IdleTimeout = ReadIdleTimeout(texts[(int)Fact.IdleTimeout]),
        };
    }

    private static string?[]? AnyOf(ReadOnlySpan<string?> values) =>
        values.ContainsAnyExcept((string?)null) ? values.ToArray() : null;

    /// <summary>
    /// Reads the browser, system and device type from the user agent, for server SDKs. Browser SDKs send these
    /// properties themselves.
    /// </summary>
    private static UserAgentFacts ReadAgent(ReadOnlySpan<string?> texts) =>
        texts[(int)Fact.Browser] is null || texts[(int)Fact.Os] is null || texts[(int)Fact.DeviceType] is null
            ? UserAgents.UserAgent.Read(texts[(int)Fact.RawUserAgent] ?? texts[(int)Fact.UserAgent])
            : default;

    /// <summary>
    /// Reads the idle timeout. As in PostHog, it is limited to 60 s to 10 h, and the default applies when it is not a
    /// number.
    /// </summary>
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
            .. StartPageTexts.Names.Select((name, index) => ("$" + name, FirstStartPageText + index)),
        ];
        return Enumerable.Range(0, names.Max(name => name.Name.Length) + 1)
            .Select(length => names
                .Where(name => name.Name.Length == length)
                .Select(name => (Encoding.UTF8.GetBytes(name.Name), name.Fact))
                .ToArray())
            .ToArray();
    }
}
