using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Sessions.Domain.Querying;
using Sessions.Postgres.Queries;

namespace Sessions.Gateway.Api;

/// <summary>
/// Reads the fields of a request. The first one that is wrong is remembered; what is read after it does not matter.
/// </summary>
internal sealed class AskedFields
{
    private string? _field;
    private string? _fault;

    /// <summary>The answer to a caller who got a field wrong; null when all are right.</summary>
    public ProblemHttpResult? Problem => _field is null ? null : Refusal(_field, _fault!);

    /// <summary>The answer to a caller who got a field wrong.</summary>
    public static ProblemHttpResult Refusal(string field, string fault) => TypedResults.Problem(
        statusCode: StatusCodes.Status400BadRequest,
        title: "The request has a wrong field.",
        detail: $"{field} {fault}.",
        extensions: new Dictionary<string, object?> { ["field"] = field });

    /// <summary>Remembers that a field is wrong, unless one before it was.</summary>
    /// <param name="field">The field's name.</param>
    /// <param name="fault">What it must be, to be read after the name.</param>
    public void Refuse(string field, string fault)
    {
        if (_field is null)
        {
            (_field, _fault) = (field, fault);
        }
    }

    public int Limit(string? text, ApiOptions options)
    {
        if (string.IsNullOrEmpty(text))
        {
            return options.DefaultLimit;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int limit)
            && limit >= 1 && limit <= options.MaxLimit)
        {
            return limit;
        }

        Refuse("limit", $"must be a whole number from 1 to {options.MaxLimit}");
        return options.DefaultLimit;
    }

    public DateTimeOffset? Time(string field, string? text, bool isEnd, DateTimeOffset now, LocalCalendar calendar)
    {
        if (!AskedTime.TryParse(text, isEnd, now, out DateTimeOffset? time, calendar))
        {
            Refuse(field, AskedTime.Expected);
        }

        return time;
    }

    /// <summary>The project's calendar, in the zone that the caller names.</summary>
    public LocalCalendar Calendar(string? timezone, LocalCalendar ofProject)
    {
        if (string.IsNullOrEmpty(timezone))
        {
            return ofProject;
        }

        if (TimeZoneName.IsKnown(timezone))
        {
            return ofProject with { Zone = TimeZoneInfo.FindSystemTimeZoneById(timezone) };
        }

        Refuse("timezone", "must be a time zone of the IANA database, such as \"Europe/Berlin\" or \"UTC\"");
        return ofProject;
    }

    public SessionOrder Order(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return SessionOrder.Default;
        }

        bool descending = text[0] == '-';
        if (SessionProperties.Find(descending ? text[1..] : text) is { } property)
        {
            return new SessionOrder(property, descending);
        }

        Refuse("order", "must be a property of a session, such as $start_timestamp, with a - before it for descending");
        return SessionOrder.Default;
    }
}
