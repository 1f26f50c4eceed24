using Sessions.Domain.Events;
using Sessions.Queries;

namespace Sessions.Web.Api;

/// <summary>Lets filters find an id in each of its written forms: see <see cref="RequestedId"/>.</summary>
internal static class IdForms
{
    private static readonly string[] Keys = ["distinct_id", "device_id", "window_id", "event", "$event_names"];

    /// <summary>Adds to a filter on ids or names the other forms of its values.</summary>
    /// <param name="key">The property.</param>
    /// <param name="comparison">
    /// The operator. Equality with one value of two forms becomes equality with any of both.
    /// </param>
    /// <param name="values">The values.</param>
    public static (FilterOperator Comparison, IReadOnlyList<object> Values) Of(
        string key, FilterOperator comparison, IReadOnlyList<object> values)
    {
        bool isOnList = comparison is FilterOperator.Contains or FilterOperator.NotContains;
        bool isEqual = isOnList || comparison is FilterOperator.Exact or FilterOperator.IsNot or FilterOperator.In or FilterOperator.NotIn;
        if (!isEqual || !Keys.Contains(key) || !values.Any(HasForms))
        {
            return (comparison, values);
        }

        return (
            isOnList ? comparison : comparison is FilterOperator.Exact or FilterOperator.In ? FilterOperator.In : FilterOperator.NotIn,
            [.. values.SelectMany(Forms).Distinct()]);
    }

    private static bool HasForms(object value) => Forms(value).Count > 1;

    private static IReadOnlyList<object> Forms(object value) =>
        value is string text && RequestedId.Of(text) is { } id ? [text, .. id.Forms.Where(form => form != text)] : [value];
}
