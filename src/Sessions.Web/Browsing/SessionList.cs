using System.Collections.Specialized;
using System.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Sessions.Database.Properties;
using Sessions.Queries;
using Sessions.Web.Api;
using Sessions.Web.Layout;

namespace Sessions.Web.Browsing;

/// <summary>The list of sessions that an address asks for, and the sessions beside one of it.</summary>
internal static class SessionList
{
    /// <summary>The field with the address of the list that a reader came from.</summary>
    public const string Field = "list";

    private const string Path = "/sessions";

    /// <summary>Reads what an address asks for. Faults are added to the fields.</summary>
    public static SessionPageQuery Read(PageQuery query, PageContext pageContext, RequestErrors fields, ApiOptions options)
    {
        PageRange range = PageRange.Of(query, pageContext);
        SessionOrder order = fields.Order(query["order"]);
        return new(
            pageContext.Project,
            fields.Time("date_from", range.From, isEnd: false, pageContext.Now, pageContext.Calendar),
            fields.Time("date_to", range.To, isEnd: true, pageContext.Now, pageContext.Calendar),
            new FilterCheck(fields, pageContext.Calendar, options).All("filters", FilterRows.ToJson(FilterRows.Read(query))),
            order,
            // A cursor of another order, from an edited link, starts at the first page.
            query["cursor"] is { } cursor ? Cursor.Read(order, cursor) : null,
            fields.Limit(query["limit"], options));
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
    /// The sessions before and after one in a list, as far as they can be found: in its part of the list, and where the parts
    /// beside that begin and end.
    /// </summary>
    public static async Task<SessionNeighbours> Around(
        Guid session,
        HttpRequest request,
        string suffix,
        PageContext pageContext,
        SessionQueries sessions,
        ListConcurrencyLimit lists,
        ApiOptions options,
        CancellationToken cancellation)
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
            SessionPageQuery asked = Read(of, pageContext, fields, options);
            return fields.Fault is null
                && (await lists.Run(timely => sessions.GetPage(asked, lists.Limits, timely), cancellation)).TryGet(out SessionPage? read)
                    ? SessionsView.Of(of, pageContext, asked, read, fault: null)
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
