using Sessions.Web.UserSql;

namespace Sessions.Tests.Web;

public sealed class SqlListTests
{
    [Theory]
    [InlineData("{}", "")]
    [InlineData("{a}", "a")]
    [InlineData("{a,b c,\"d,e\"}", "a|b c|d,e")]
    [InlineData("{\"a\\\"b\\\\c\",\"\",\"NULL\",NULL}", "a\"b\\c||NULL|-")]
    [InlineData("{\"{x}\"}", "{x}")]
    public void A_list_of_texts_is_read_as_Postgres_writes_it(string text, string expected)
    {
        Assert.True(SqlList.TryRead(text, out IReadOnlyList<string?>? list));
        Assert.Equal(expected, string.Join('|', list.Select(one => one ?? "-")));
    }

    [Theory]
    [InlineData("{{a},{b}}")]
    [InlineData("[0:1]={a,b}")]
    [InlineData("a")]
    [InlineData("")]
    public void Other_lists_stay_texts(string text) => Assert.False(SqlList.TryRead(text, out _));
}
