using System.Text.Json;
using Sessions.Domain.Querying;
using Sessions.Queries;

namespace Sessions.Web.Api;

/// <summary>Checks the filters of a request. Faults are added to the request's errors.</summary>
/// <param name="errors">Collects the faults.</param>
/// <param name="calendar">The time zone of times without an offset.</param>
/// <param name="options">The limits for filters and values.</param>
internal sealed class FilterCheck(RequestErrors errors, LocalCalendar calendar, ApiOptions options)
{
    private const string Field = "filters";

    /// <summary>Reads the filters from the JSON text in the query string; null and empty mean no filters.</summary>
    public IReadOnlyList<Filter> Parse(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return [];
        }

        try
        {
            using JsonDocument json = JsonDocument.Parse(text);
            return Read(json.RootElement);
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            // The parser finds a lone surrogate in a string only when it reads the string.
            errors.Refuse(Field, "must be valid JSON");
            return [];
        }
    }

    /// <summary>Checks filters; null means no filters.</summary>
    /// <exception cref="InvalidOperationException">A text contains a lone surrogate.</exception>
    public IReadOnlyList<Filter> All(string field, IReadOnlyList<FilterJson>? asked) => All(field, asked?.Count ?? 0, asked ?? []);

    private List<Filter> Read(JsonElement list)
    {
        if (list.ValueKind == JsonValueKind.Array)
        {
            return All(
                Field,
                list.GetArrayLength(),
                list.EnumerateArray().Select((item, index) =>
                    JsonBinding.Read(errors, $"{Field}[{index}]", item, FilterJsonContext.Default.FilterJson)));
        }

        errors.Refuse(Field, "must be a JSON list");
        return [];
    }

    /// <summary>
    /// Reads and checks each filter before the next one, so that the first error belongs to the first wrong filter.
    /// </summary>
    private List<Filter> All(string field, int count, IEnumerable<FilterJson?> asked)
    {
        if (count <= options.MaxFilters)
        {
            return
            [
                .. asked.Select((one, index) => one is null ? null : new OneFilterCheck(errors, $"{field}[{index}]", calendar, options).Check(one))
                    .OfType<Filter>(),
            ];
        }

        errors.Refuse(field, $"must be at most {options.MaxFilters}");
        return [];
    }
}
