using Microsoft.Extensions.Options;
using Sessions.Queries;
using Sessions.Web.Api;

namespace Sessions.Web.Layout;

/// <summary>
/// Reads the filters of a page's address and finds those that can't be applied, such as those of an address that a user
/// edited. The page shows them with what is wrong, and is filtered by the others.
/// </summary>
internal sealed class PageFilters(IOptions<ApiOptions> options, RegexCheck regexes)
{
    private const string OfType = "must be of the type of ";

    /// <summary>Reads the filters.</summary>
    public async Task<IReadOnlyList<FilterRow>> Read(PageQuery query, PageContext pageContext, CancellationToken cancellation)
    {
        IReadOnlyList<FilterRow> rows = FilterRows.Read(query);
        List<FilterRow> read = [];
        foreach (FilterRow row in rows)
        {
            string? fault = read.Count >= options.Value.MaxFilters
                ? $"A page takes at most {options.Value.MaxFilters} filters."
                : Fault(row, pageContext) ?? await RegexFault(row, cancellation);
            read.Add(row with { Fault = fault });
        }

        return read;
    }

    private string? Fault(FilterRow row, PageContext pageContext)
    {
        RequestErrors errors = new();
        new FilterCheck(errors, pageContext.Calendar, options.Value).All("filters", FilterRows.ToJson([row]));
        if (errors.Faults is not [var (field, fault), ..])
        {
            return null;
        }

        return field.Split('.')[^1] switch
        {
            "key" => row.IsOfEvent ? $"“{row.Key}” can't be a property of an event." : $"A session has no property “{row.Key}”.",
            "operator" => $"“{row.Operator}” is no comparison.",
            "value" when fault.StartsWith(OfType, StringComparison.Ordinal) => $"“{row.Value}” must be {fault[(fault.IndexOf(':', StringComparison.Ordinal) + 2)..]}.",
            "value" when row.Operator == "between" => "Between needs two values: from, to.",
            _ => $"The value {fault}.",
        };
    }

    private async Task<string?> RegexFault(FilterRow row, CancellationToken cancellation) =>
        row.Operator is "regex" or "not_regex" && await regexes.FirstFault([row.Value], cancellation) is { } wrong
            ? $"“{row.Value}” is no regular expression: {wrong.Message}."
            : null;
}
