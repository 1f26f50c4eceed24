using System.Net;
using System.Text.Json.Nodes;
using Sessions.Queries.UserSql;
using static Sessions.Tests.Web.SampleSessions;

namespace Sessions.Tests.Web.Api.Querying;

/// <summary>
/// A query with a parameter's placeholder has no value for it, so it is refused with the placeholder's name and
/// position. A text that only looks like a placeholder is accepted.
/// </summary>
public sealed class PlaceholderTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    [Theory]
    [InlineData("select * from sessions where distinct_id = $1", "$1", 44)]
    [InlineData("select $1", "$1", 8)]
    [InlineData("select 1 limit $1", "$1", 16)]
    [InlineData("select $1::int", "$1", 8)]
    [InlineData("select -$1 - 1", "$1", 9)]
    [InlineData("select $2", "$2", 8)]
    [InlineData("select $12 , $1", "$12", 8)]
    [InlineData("select (array[1])[$1]", "$1", 19)]
    [InlineData("with a as (select $1::text as b) select b from a", "$1", 19)]
    [InlineData("select '$1', \"$2\" from (select 1 as \"$2\") a where 1 = $3", "$3", 55)]
    [InlineData("select 'it''s', $1", "$1", 17)]
    [InlineData("select e'\\'', $1", "$1", 15)]
    [InlineData("select e'a''b', $1", "$1", 17)]
    [InlineData("select '\\', $1", "$1", 13)] // no escape without the e
    [InlineData("select 1 -- $1\n, $2", "$2", 18)]
    [InlineData("select /* /* $1 */ $2 */ $3", "$3", 26)]
    [InlineData("select $$ $1 $$, $2", "$2", 18)]
    [InlineData("select $a$ $1 $b$ $a$, $2", "$2", 24)]
    [InlineData("select a$1 from (select $2 as a$1) b", "$2", 25)]
    [InlineData("select 1 as é$1, $1", "$1", 18)]
    public async Task A_placeholder_is_refused_with_its_name_and_position(
        string query, string placeholder, int position)
    {
        using Asking asking = await Asking.About(gateway, new StoredSession { Start = Noon });

        using HttpResponseMessage answer = await asking.Sql(query);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        JsonNode problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        Assert.StartsWith($"there is no parameter {placeholder}:", (string)problem["detail"]!, StringComparison.Ordinal);
        Assert.Equal(("query", position), ((string?)problem["field"], (int)problem["position"]!));
    }

    [Theory]
    [InlineData("select '$1'", "$1")]
    [InlineData("select 'a''$1'", "a'$1")]
    [InlineData("select e'\\'$1'", "'$1")]
    [InlineData("select e'a'\n  '\\'$1'", "a'$1")]
    [InlineData("select E'\\\\' || '$1'", "\\$1")]
    [InlineData("select u&'\\0024\\0031 $1'", "$1 $1")]
    [InlineData("select $$$1$$", "$1")]
    [InlineData("select $x1$ $1 $y$ $x1$", " $1 $y$ ")]
    [InlineData("select 'a' -- $1", "a")]
    [InlineData("select /* $1 /* */ $1 */ 'a'", "a")]
    [InlineData("select \"$1\" from (select 'a' as \"$1\") x", "a")]
    [InlineData("select a$1 from (select 'a' as a$1) x", "a")]
    [InlineData("select _$1 from (select 'a' as _$1) x", "a")]
    [InlineData("select 'a' from sessions where distinct_id ~ '^ann$' and distinct_id <> '$1'", "a")]
    public async Task A_text_that_only_looks_like_a_placeholder_is_accepted(string query, string expected)
    {
        using Asking asking = await Asking.About(gateway, new StoredSession { Start = Noon });

        using HttpResponseMessage answer = await asking.Sql(query);

        string body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, body);
        Assert.Equal(expected, (string?)JsonNode.Parse(body)!["rows"]![0]![0]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("$")]
    [InlineData("$a")]
    [InlineData("'$1")]
    [InlineData("\"$1")]
    [InlineData("/* $1")]
    [InlineData("/* $1 *")]
    [InlineData("-- $1")]
    [InlineData("$$ $1")]
    [InlineData("$a$ $1 $$")]
    [InlineData("e'\\")]
    [InlineData("e'$1''")]
    public void A_placeholder_inside_an_unclosed_quote_is_ignored(string query) =>
        Assert.Null(SqlPlaceholders.First(query));
}
