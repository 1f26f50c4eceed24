using Sessions.Queries.UserSql;
using Sessions.Web.UserSql;

namespace Sessions.Tests.Web.Pages;

public sealed class SqlNumberTests
{
    [Theory]
    [InlineData("0", "0")]
    [InlineData("999", "999")]
    [InlineData("1000", "1,000")]
    [InlineData("-1234567.8901", "-1,234,567.8901")]
    [InlineData("12345678901234567890", "12,345,678,901,234,567,890")]
    [InlineData("1e+20", "1e+20")]
    [InlineData("NaN", "NaN")]
    [InlineData("-Infinity", "-Infinity")]
    public void A_number_gets_marks_between_its_thousands_and_nothing_else_changes(string number, string shown) =>
        Assert.Equal(shown, SqlNumber.Marked(number));

    [Theory]
    [InlineData("count", "bigint", "2500", true)]
    [InlineData("sum", "numeric(38,0)", "2500", true)]
    [InlineData("id", "bigint", "2500", false)]
    [InlineData("Order_ID", "integer", "2500", false)]
    [InlineData("id_of_plan", "integer", "2500", false)]
    [InlineData("paid", "integer", "2500", true)]
    [InlineData("year", "numeric", "12026", false)]
    [InlineData("extract", "numeric", "2026", false)]
    [InlineData("phone", "text", "2500", false)]
    public void A_column_of_numbers_has_marks_unless_they_are_ids_or_years(string name, string type, string value, bool isMarked) =>
        Assert.Equal([isMarked], SqlNumber.MarkedColumns(new SqlAnswer([new SqlColumn(name, type)], [[value], [null]], Truncated: false, SqlEngine.Postgres)));
}
