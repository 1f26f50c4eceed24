using Sessions.Web.UserSql;

namespace Sessions.Tests.Web.Pages;

public sealed class SqlWordsTests
{
    [Theory]
    [InlineData("delete from sessions", "delete")]
    [InlineData("-- all of them\n  DELETE from sessions", "delete")]
    [InlineData("/* x */ (update sessions set a = 1)", "update")]
    [InlineData("select 1", null)]
    [InlineData("with a as (select 1) select * from a", null)]
    [InlineData("deleted", null)]
    [InlineData("-- nothing", null)]
    [InlineData("", null)]
    public void A_statement_that_writes_is_told_by_its_first_word(string statement, string? word) => Assert.Equal(word, SqlWords.Writing(statement));
}
