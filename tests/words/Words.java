/*
 * The judge of schemas/words.c: reads lines, writes each with the words that
 * Lucene's StandardTokenizer cuts it into, separated by tabs.
 */
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import org.apache.lucene.analysis.standard.StandardTokenizer;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;

public class Words {
	public static void main(String[] args) throws Exception {
		BufferedReader in = new BufferedReader(new InputStreamReader(
			System.in, StandardCharsets.UTF_8));
		PrintStream out = new PrintStream(System.out, false, "UTF-8");
		StandardTokenizer words = new StandardTokenizer();
		CharTermAttribute word = words.addAttribute(CharTermAttribute.class);
		String line;

		while ((line = in.readLine()) != null) {
			StringBuilder row = new StringBuilder(line);

			words.setReader(new StringReader(line));
			words.reset();
			while (words.incrementToken())
				row.append('\t').append(word);
			words.end();
			words.close();
			out.println(row);
		}
		out.flush();
	}
}
