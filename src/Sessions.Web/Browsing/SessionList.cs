using System.Collections.Specialized;
using System.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Sessions.Database.Properties;
using Sessions.Queries;
using Sessions.Queries.Aggregates;
using Sessions.Web.Analytics;
using Sessions.Web.Api;
using Sessions.Web.Layout;

namespace Sessions.Web.Browsing;

/// <summary>The sessions that the address of a list asks for.</summary>
/// <param name="Address">The address.</param>
/// <param name="Query">What it asks for.</param>
/// <param name="Range">Its range.</param>
/// <param name="Filters">Its filters, also those that can't be applied.</param>
internal sealed record RequestedSessions(PageQuery Address, SessionPageQuery Query, PageRange Range, IReadOnlyList<FilterRow> Filters);

/// <summary>The list of sessions that an address asks for, and the sessions beside one of it.</summary>
internal sealed class SessionList(
    PageFilters filters, CountedReader counted, SessionQueries sessions, ListConcurrencyLimit lists, IOptions<ApiOptions> options)
{
    /// <summary>The field with the address of the list that a reader came from.</summary>
    public const string Field = "list";

    /// <summary>The field with the token of a number, whose sessions the list shows.</summary>
    public const string Counted = "counted";

    private const string Path = "/sessions";

    /// <summary>Reads what an address asks for. Faults are added to the fields.</summary>
    public async Task<RequestedSessions> Read(PageQuery query, PageContext pageContext, RequestErrors fields, CancellationToken cancellation)
    {
        // The sessions behind a number are as many as it says, whatever range the pages open with.
        PageQuery address = query[Counted] is null || query["date_from"] is not null ? query : query.With("date_from", "all");
        PageRange range = PageRange.Of(address, pageContext);
        address = address.Without(range.Ignored);
        IReadOnlyList<FilterRow> rows = await filters.Read(address, pageContext, cancellation);
        SessionOrder order = fields.Order(address["order"]);
        CountedSessions? behind = address[Counted] is { } token ? await counted.Read(pageContext.Project, token) : null;
        if (behind is null && address[Counted] is not null)
        {
            fields.Refuse(Counted, CountedReader.Expected);
        }

        SessionPageQuery asked = new(
            pageContext.Project,
            fields.Time("date_from", range.From, isEnd: false, pageContext.Now, pageContext.Calendar),
            fields.Time("date_to", range.To, isEnd: true, pageContext.Now, pageContext.Calendar),
            new FilterCheck(fields, pageContext.Calendar, options.Value).All("filters", FilterRows.ToJson(rows)),
            order,
            // A cursor of another order, from an edited link, starts at the first page.
            address["cursor"] is { } cursor ? Cursor.Read(order, cursor) : null,
            fields.Limit(address["limit"], options.Value))
        {
            Counted = behind,
        };
        return new RequestedSessions(address, asked, range, rows);
    }

    /// <summary>The address of a session's page that knows the list.</summary>
    /// <param name="path">The address of the page.</param>
    /// <param name="list">The list.</param>
    public static PageQuery PageOf(string path, PageQuery list)
    {
        // Of the way back through the list the last step is enough, and columns make addresses long.
        PageQuery kept = list.Without("col").With("back", list.All("back").TakeLast(1));
        return PageQuery.At(path).With(Field, kept.ToString() is var address && address.IndexOf('?', StringComparison.Ordinal) is > 0 and var mark
            ? address[(mark + 1)..]
            : "");
    }

    /// <summary>
    /// The list that a reader came from: the address has it, or the browser names it as the page with the link. Null when
    /// there is none.
    /// </summary>
    public static PageQuery? From(HttpRequest request)
    {
        if (request.Query.TryGetValue(Field, out StringValues named))
        {
            return Parse(named.ToString());
        }

        return Uri.TryCreate(request.Headers.Referer, UriKind.Absolute, out Uri? before)
            && before.Authority == request.Host.Value && before.AbsolutePath == Path
                ? Parse(before.Query)
                : null;
    }

    /// <summary>
    /// The range and the filters of the page that a reader came from: those of the list, else those in the address that the
    /// browser names as the page with the link.
    /// </summary>
    public static PageQuery CarriedBy(HttpRequest request)
    {
        PageQuery? from = From(request);
        if (from is null && Uri.TryCreate(request.Headers.Referer, UriKind.Absolute, out Uri? before) && before.Authority == request.Host.Value)
        {
            PageQuery page = Parse(before.Query);
            // From one page of a session to another one.
            from = page[Field] is { } list ? Parse(list) : page;
        }

        return from?.Only(PageFields.Carried) ?? PageQuery.At(Path);
    }

    /// <summary>
    /// The sessions before and after one in a list, as far as they can be found: in its part of the list, and where the parts
    /// beside that begin and end.
    /// </summary>
    public async Task<SessionNeighbours> Around(
        Guid session, HttpRequest request, string suffix, PageContext pageContext, CancellationToken cancellation)
    {
        if (From(request) is not { } list)
        {
            return SessionNeighbours.None;
        }

        SessionsView? here = await View(list);
        int place = here?.Rows.ToList().FindIndex(row => IdOf(row) == session) ?? -1;
        if (here is null || place < 0)
        {
            return SessionNeighbours.None with { List = list };
        }

        return new SessionNeighbours(
            list,
            place > 0 ? Way(here.Rows[place - 1], list)
                : here.PreviousPage is { } before && await View(before) is { Rows: [.., var last] } ? Way(last, before)
                : null,
            place < here.Rows.Count - 1 ? Way(here.Rows[place + 1], list)
                : here.NextPage is { } after && await View(after) is { Rows: [var first, ..] } ? Way(first, after)
                : null);

        PageQuery Way(SessionRow row, PageQuery of) => PageOf($"{Path}/{IdOf(row)}{suffix}", of);

        async Task<SessionsView?> View(PageQuery of)
        {
            RequestErrors fields = new();
            RequestedSessions asked = await Read(of, pageContext, fields, cancellation);
            return fields.Fault is null
                && (await lists.Run(timely => sessions.GetPage(asked.Query, lists.Limits, timely), cancellation)).TryGet(out SessionPage? read)
                    ? SessionsView.Of(asked, read, fault: null)
                    : null;
        }
    }

    private static PageQuery Parse(string text)
    {
        NameValueCollection fields = HttpUtility.ParseQueryString(text);
        return fields.AllKeys.OfType<string>().Aggregate(PageQuery.At(Path), (list, name) => list.With(name, fields.GetValues(name) ?? []));
    }

    private static Guid IdOf(SessionRow row) => (Guid)row["$session_id"]!;
}

/// <summary>The sessions beside one in a list.</summary>
/// <param name="List">The list; null when there is none.</param>
/// <param name="Previous">The page of the session before; null when there is none.</param>
/// <param name="Next">The page of the session after; null when there is none.</param>
public sealed record SessionNeighbours(PageQuery? List, PageQuery? Previous, PageQuery? Next)
{
    /// <summary>Of a session that its reader did not find in a list.</summary>
    public static SessionNeighbours None { get; } = new(null, null, null);
}
