using System.Globalization;

namespace Sessions.Domain.Time;

/// <summary>When a client sent a request, as the query says it (<c>_</c> or <c>sent_at</c>).</summary>
public static class SentAt
{
    /// <summary>
    /// Reads milliseconds since 1970. What lies in 2020 or before is ignored: it is a count of seconds, or a clock
    /// that was never set.
    /// </summary>
    public static Moment? FromQuery(ReadOnlySpan<char> text)
    {
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long ms))
        {
            return null;
        }

        Moment sent = Moment.From(DateTimeOffset.UnixEpoch).AddMilliseconds(ms);
        return sent.Ticks <= DateTime.MaxValue.Ticks && sent.ToInstant().Year > 2020 ? sent : null;
    }
}
