using System.Text;
using Sessions.Domain.Events;

namespace Sessions.Domain.Tests.Events;

public sealed class AddressTests
{
    [Theory]
    [InlineData("""{"a":1}""", """{"a":1}""")]
    [InlineData("""{"zip":"10115","ship":{"$ip":"1.2.3.4"}}""", """{"zip":"10115","ship":{"$ip":"1.2.3.4"}}""")] // only the event's own
    [InlineData("""{"$ip":"203.0.113.9","a":1}""", """{"$ip":null         ,"a":1}""")]
    [InlineData("""{"\u0024ip" : "2001:db8::1"}""", """{"\u0024ip" : null         }""")] // escaped
    [InlineData("""{"$ip":"1.1.1.1","$ip":"2.2.2.2"}""", """{"$ip":null     ,"$ip":null     }""")] // twice
    [InlineData("""{"$ip":null}""", """{"$ip":null}""")]
    [InlineData("""{"$ip":7}""", """{"$ip":7}""")] // no address
    [InlineData("""{"a":1,"$ip":"ab"}""", """{"a":1,"$ip":null}""")] // as long as null
    [InlineData("""{"a":1,"$ip":"a"}""", """{"a":1,"$ip":"a"}""")] // shorter than any address
    [InlineData("""{"$ip":"1.2.3.4","a":}""", """{"$ip":"1.2.3.4","a":}""")] // no JSON after an address
    [InlineData("""{"$ip":"1""", """{"$ip":"1""")] // no JSON: refused elsewhere
    [InlineData("", "")]
    public void Erasing_sets_the_ip_address_to_null_and_leaves_everything_else(string sent, string kept) =>
        Assert.Equal(kept, Encoding.UTF8.GetString(Addresses.Erase(Encoding.UTF8.GetBytes(sent)).Span));
}
