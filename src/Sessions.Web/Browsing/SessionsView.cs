using System.Globalization;
using Sessions.Database.Properties;
using Sessions.Queries;
using Sessions.Web.Layout;

namespace Sessions.Web.Browsing;

/// <summary>The data of the table of sessions.</summary>
/// <param name="Query">The page's address.</param>
/// <param name="Range">Its range.</param>
/// <param name="Filters">Its filters.</param>
/// <param name="Columns">Its columns.</param>
/// <param name="Order">Its order.</param>
/// <param name="Limit">The most sessions of a page.</param>
/// <param name="Rows">The sessions.</param>
/// <param name="Next">The cursor of the next page; null when there is none.</param>
/// <param name="Fault">What is wrong with the request; null when it is valid.</param>
public sealed record SessionsView(
    PageQuery Query,
    PageRange Range,
    IReadOnlyList<FilterRow> Filters,
    IReadOnlyList<SessionProperty> Columns,
    SessionOrder Order,
    int Limit,
    IReadOnlyList<SessionRow> Rows,
    string? Next,
    string? Fault)
{
    // Addresses must not become too long for servers and proxies.
    private const int MostBack = 25;

    private static readonly string[] DefaultColumns =
    [
        "distinct_id", "$start_timestamp", "$session_duration", "$entry_pathname", "$exit_pathname", "$channel_type",
        "$pageview_count", "$event_count", "$device_type", "$browser", "$country",
    ];

    /// <summary>The view of a page of sessions that was read.</summary>
    internal static SessionsView Of(RequestedSessions asked, SessionPage page, string? fault) => new(
        asked.Address,
        asked.Range,
        asked.Filters,
        ColumnsOf(asked.Address),
        asked.Query.Order,
        asked.Query.Limit,
        page.Sessions,
        page.Next is null ? null : Cursor.Write(asked.Query.Order, page.Next),
        fault)
    {
        AreBehindANumber = asked.Query.Counted is not null,
    };

    /// <summary>The number of all sessions of the list; null when it is unknown.</summary>
    public long? Total { get; init; }

    /// <summary>Whether the list has only the sessions behind a number.</summary>
    public bool AreBehindANumber { get; init; }

    /// <summary>Whether the project ever had a session.</summary>
    public bool HasData { get; init; } = true;

    /// <summary>What is wrong with the place in the list that an address names, in sentences.</summary>
    /// <param name="query">The address.</param>
    /// <param name="order">The order of the list.</param>
    public static IEnumerable<string> WrongPlaces(PageQuery query, SessionOrder order)
    {
        foreach (string place in query.All("cursor").Concat(query.All("back")).Where(place => place.Length > 0 && Cursor.Read(order, place) is null).Distinct())
        {
            yield return PageContext.NoPlace(place);
        }

        if (query["page"] is { } page && (!int.TryParse(page, NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number < 1))
        {
            yield return $"“{page}” is no number of a page.";
        }
        else if (query["page"] is not (null or "1") && query["cursor"] is null)
        {
            yield return $"The address does not say where page {query["page"]} begins. The list begins with its first page.";
        }
    }

    /// <summary>The columns of an address that sessions don't have, in sentences.</summary>
    public static IEnumerable<string> UnknownColumns(PageQuery query) =>
        query.All("col").Distinct().Where(name => SessionProperties.Find(name) is null).Select(name => $"Sessions have no column “{name}”.");

    /// <summary>The number of the page, from 1 on.</summary>
    public int Page => Query["cursor"] is not { } place || Cursor.Read(Order, place) is null ? 1
        : int.TryParse(Query["page"], NumberStyles.None, CultureInfo.InvariantCulture, out int page) && page > 1 ? page : 2;

    /// <summary>The address of the next page; null when there is none.</summary>
    public PageQuery? NextPage => Next is null ? null : Query
        .With("cursor", Next)
        .With("back", Query["cursor"] is { } here ? Query.All("back").Append(here).TakeLast(MostBack) : [])
        .With("page", (Page + 1).ToString(CultureInfo.InvariantCulture));

    /// <summary>The address of the previous page; null when there is none, or when the way there is not known any more.</summary>
    public PageQuery? PreviousPage
    {
        get
        {
            IReadOnlyList<string> back = Query.All("back");
            return Page == 1 ? null
                : Page == 2 ? FirstPage
                : back.Count == 0 ? null
                : Query.With("cursor", back[^1]).With("back", back.SkipLast(1)).With("page", (Page - 1).ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>The address of the first page.</summary>
    public PageQuery FirstPage => Query.Without(PageQuery.Places);

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

    /// <summary>The columns of the file with these sessions: those of the table, and what their sums are of.</summary>
    public string FileColumns => string.Join(',', Columns.Select(column => column.Name)
        .SelectMany(name => name == "$pageview_count" ? [name, "$screen_count"] : (string[])[name]).Distinct());

    /// <summary>The order as the API takes it.</summary>
    public string OrderName => Order.Name;

    /// <summary>The address that orders by a column, or reverses the order if the table is ordered by it.</summary>
    public PageQuery OrderedBy(SessionProperty column)
    {
        bool descending = !IsOrderedBy(column) || !Order.Descending;
        return FirstPage.With("order", (descending ? "-" : "") + (IsOfViews(column) ? SessionOrder.Views : column.Name));
    }

    /// <summary>The column's order, as the value of <c>aria-sort</c>.</summary>
    public string? Sorted(SessionProperty column) =>
        !IsOrderedBy(column) ? null : Order.Descending ? "descending" : "ascending";

    /// <summary>Whether a column shows views, which are pages and screens.</summary>
    public static bool IsOfViews(SessionProperty column) => column.Name == "$pageview_count";

    /// <summary>The number of a session's views.</summary>
    public static int Views(SessionRow row) => (int)row["$pageview_count"]! + (int)row["$screen_count"]!;

    private bool IsOrderedBy(SessionProperty column) => Order.Property == column && Order.Plus is null != IsOfViews(column);
}
