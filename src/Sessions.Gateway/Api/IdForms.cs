using Sessions.Domain;
using Sessions.Postgres.Queries;

namespace Sessions.Gateway.Api;

/// <summary>Lets filters find an id in whichever form it is written: see <see cref="AskedId"/>.</summary>
internal static class IdForms
{
    private static readonly string[] Keys = ["distinct_id", "device_id", "window_id", "event"];

    /// <summary>The values of a filter on ids or names with the other forms of those that have one.</summary>
    /// <param name="key">What is compared.</param>
    /// <param name="comparison">How; to be equal to one value of two forms is to be equal to any of both.</param>
    /// <param name="values">With what.</param>
    public static List<object> Of(string key, ref FilterOperator comparison, List<object> values)
    {
        bool isEqual = comparison is FilterOperator.Exact or FilterOperator.IsNot or FilterOperator.In or FilterOperator.NotIn;
        if (!isEqual || !Keys.Contains(key) || !values.Exists(HasForms))
        {
            return values;
        }

        comparison = comparison is FilterOperator.Exact or FilterOperator.In ? FilterOperator.In : FilterOperator.NotIn;
        return [.. values.SelectMany(Forms).Distinct()];
    }

    private static bool HasForms(object value) => Forms(value).Count > 1;

    private static IReadOnlyList<object> Forms(object value) =>
        value is string text && AskedId.Of(text) is { } id ? [text, .. id.Forms.Where(form => form != text)] : [value];
}
