using System.Text;
using Sessions.Capture.Parsing;

namespace Sessions.Tests.Capture;

/// <summary>The rows were taken from what <c>select ('[' || number || ']')::jsonb</c> says on Postgres 15.</summary>
public sealed class PostgresNumberTests
{
    [Theory]
    [InlineData("0", 1)]
    [InlineData("-12.50", 6)]
    [InlineData("1e5", 6)]
    [InlineData("1E+05", 6)]
    [InlineData("12.5e-1", 4)]
    [InlineData("1e131071", 131_072)] // the most digits before the point
    [InlineData("0.1e131072", 131_072)]
    [InlineData("0.01e131073", 131_072)]
    [InlineData("0.0e131072", 1)]
    [InlineData("0e400000", 1)]
    [InlineData("0.00000e200000", 1)]
    [InlineData("1e0000000000005", 6)]
    [InlineData("1e-16383", 16_385)] // the most after it
    [InlineData("1.5e-16382", 16_385)]
    public void A_number_that_Postgres_accepts_is_kept(string literal, int printed)
    {
        Assert.True(PostgresNumber.TryMeasure(Encoding.ASCII.GetBytes(literal), out int length));
        Assert.Equal(printed, literal.StartsWith('-') ? literal.Length : length);
    }

    [Theory]
    [InlineData("1e400000")]
    [InlineData("-1e400000")]
    [InlineData("1e131072")]
    [InlineData("10e131071")]
    [InlineData("1e-16384")]
    [InlineData("0e-16384")]
    [InlineData("100e-16384")]
    [InlineData("1.5e-16383")]
    [InlineData("1e2147483648")]
    [InlineData("1e99999999999999999999")]
    public void A_number_that_Postgres_refuses_is_refused(string literal) =>
        Assert.False(PostgresNumber.TryMeasure(Encoding.ASCII.GetBytes(literal), out _));

    [Theory]
    [InlineData(131_072, true)]
    [InlineData(131_073, false)]
    public void A_number_with_too_many_digits_before_the_point_is_refused(int digits, bool taken) =>
        Assert.Equal(taken, PostgresNumber.TryMeasure(Encoding.ASCII.GetBytes(new string('9', digits)), out _));

    [Theory]
    [InlineData(16_383, true)]
    [InlineData(16_384, false)]
    public void A_number_with_too_many_digits_after_the_point_is_refused(int digits, bool taken) =>
        Assert.Equal(taken, PostgresNumber.TryMeasure(Encoding.ASCII.GetBytes("0." + new string('9', digits)), out _));
}
