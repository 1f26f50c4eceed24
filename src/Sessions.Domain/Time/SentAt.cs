using System.Globalization;

namespace Sessions.Domain.Time;

/// <summary>Reads when a client sent a request, from the query string (<c>_</c> or <c>sent_at</c>).</summary>
public static class SentAt
{
    /// <summary>
    /// Reads milliseconds since 1970. A time in 2020 or before is ignored: it is in seconds, or from a clock that was
    /// never set. A time after year 9999 is ignored too.
    /// </summary>
    public static Moment? FromQuery(ReadOnlySpan<char> text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long ms)
        && Moment.From(DateTimeOffset.UnixEpoch).AddMilliseconds(ms) is var sent
        && sent.ToInstant().Year > 2020
            ? sent
            : null;
}
