using Sessions.Database.Properties;
using Sessions.Queries;
using Sessions.Web.Layout;

namespace Sessions.Web.Browsing;

/// <summary>The data of the table of sessions.</summary>
/// <param name="Query">The page's address.</param>
/// <param name="From">The start of its range, as requested.</param>
/// <param name="Filters">Its filters.</param>
/// <param name="Columns">Its columns.</param>
/// <param name="Order">Its order.</param>
/// <param name="Rows">The sessions.</param>
/// <param name="Next">The cursor of the next page; null when there is none.</param>
/// <param name="Fault">What is wrong with the request; null when it is valid.</param>
public sealed record SessionsView(
    PageQuery Query,
    string From,
    IReadOnlyList<FilterRow> Filters,
    IReadOnlyList<SessionProperty> Columns,
    SessionOrder Order,
    IReadOnlyList<SessionRow> Rows,
    string? Next,
    string? Fault)
{
    private static readonly string[] DefaultColumns =
    [
        "distinct_id", "$start_timestamp", "$session_duration", "$entry_pathname", "$exit_pathname", "$channel_type",
        "$pageview_count", "$event_count", "$device_type", "$browser", "status",
    ];

    /// <summary>
    /// The columns in an address, the default ones first and in their order; only the default ones when the address
    /// has none.
    /// </summary>
    public static IReadOnlyList<SessionProperty> ColumnsOf(PageQuery query)
    {
        SessionProperty[] asked = [.. query.All("col").Distinct().Select(SessionProperties.Find).OfType<SessionProperty>()];
        return asked.Length > 0 ? [.. asked.OrderBy(Place)] : [.. DefaultColumns.Select(SessionProperties.Find).OfType<SessionProperty>()];
    }

    private static int Place(SessionProperty column)
    {
        int place = Array.IndexOf(DefaultColumns, column.Name);
        return place < 0 ? DefaultColumns.Length : place;
    }

    /// <summary>The address that orders by a column, or reverses the order if the table is ordered by it.</summary>
    public PageQuery OrderedBy(SessionProperty column)
    {
        bool descending = Order.Property != column || !Order.Descending;
        return Query.Without("cursor").With("order", (descending ? "-" : "") + column.Name);
    }

    /// <summary>The column's order, as the value of <c>aria-sort</c>.</summary>
    public string? Sorted(SessionProperty column) =>
        Order.Property != column ? null : Order.Descending ? "descending" : "ascending";
}
