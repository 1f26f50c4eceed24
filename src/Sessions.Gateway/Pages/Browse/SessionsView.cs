using Sessions.Gateway.Pages.Frame;
using Sessions.Postgres.Queries;

namespace Sessions.Gateway.Pages.Browse;

/// <summary>What the table of sessions shows.</summary>
/// <param name="Query">The page's address.</param>
/// <param name="From">Where its range begins, as it was asked for.</param>
/// <param name="Filters">Its filters.</param>
/// <param name="Columns">Its columns.</param>
/// <param name="Order">Its order.</param>
/// <param name="Rows">The sessions.</param>
/// <param name="Next">The cursor of the next page; null when there is none.</param>
/// <param name="Fault">What is wrong with what was asked; null when nothing is.</param>
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
    public const string DefaultFrom = "-7d";

    private static readonly string[] DefaultColumns =
    [
        "distinct_id", "$start_timestamp", "$session_duration", "$entry_pathname", "$exit_pathname", "$channel_type",
        "$pageview_count", "$event_count", "$device_type", "$browser", "status",
    ];

    /// <summary>The columns that an address asks for, the usual ones first and in their order; just those when it asks for none.</summary>
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

    /// <summary>The address that orders by a column: the other way round when it does already.</summary>
    public PageQuery OrderedBy(SessionProperty column)
    {
        bool descending = Order.Property != column || !Order.Descending;
        return Query.Without("cursor").With("order", (descending ? "-" : "") + column.Name);
    }

    /// <summary>How a column is ordered, as accessibility wants it said.</summary>
    public string? Sorted(SessionProperty column) =>
        Order.Property != column ? null : Order.Descending ? "descending" : "ascending";
}
